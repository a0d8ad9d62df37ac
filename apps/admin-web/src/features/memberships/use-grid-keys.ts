'use client'
import { type KeyboardEvent, useState } from 'react'

/** Marks an element as the one of a cell; only one of the grid is a tab stop. */
export type GridPlace = { readonly 'data-cell': string; readonly tabIndex: 0 | -1; readonly onFocus: () => void }

/** Arrow keys, Home and End in a grid, where each cell has one element that can have the focus. */
export function useGridKeys({ rows, columns }: { readonly rows: number; readonly columns: number }) {
  const [here, setHere] = useState({ row: 0, column: 0 })
  const stop = { row: Math.min(here.row, Math.max(0, rows - 1)), column: Math.min(here.column, Math.max(0, columns - 1)) }
  return {
    placeOf: (row: number, column: number): GridPlace => ({
      'data-cell': `${row}:${column}`,
      tabIndex: stop.row === row && stop.column === column ? 0 : -1,
      onFocus: () => setHere({ row, column }),
    }),
    onKeyDown: (event: KeyboardEvent<HTMLElement>): void => {
      const cell = event.target instanceof HTMLElement ? event.target.dataset.cell : undefined
      if (cell === undefined || event.altKey || event.metaKey) return
      const [row = 0, column = 0] = cell.split(':').map(Number)
      const to = targetOf(event, { row, column, rows, columns })
      if (!to) return
      event.preventDefault()
      event.currentTarget.querySelector<HTMLElement>(`[data-cell="${to.row}:${to.column}"]`)?.focus()
    },
  }
}

function targetOf(
  { key, ctrlKey }: KeyboardEvent,
  { row, column, rows, columns }: { row: number; column: number; rows: number; columns: number },
): { row: number; column: number } | null {
  const inside = (r: number, c: number) => ({ row: Math.min(rows - 1, Math.max(0, r)), column: Math.min(columns - 1, Math.max(0, c)) })
  if (key === 'ArrowRight') return inside(row, column + 1)
  if (key === 'ArrowLeft') return inside(row, column - 1)
  if (key === 'ArrowDown') return inside(row + 1, column)
  if (key === 'ArrowUp') return inside(row - 1, column)
  if (key === 'Home') return inside(ctrlKey ? 0 : row, 0)
  if (key === 'End') return inside(ctrlKey ? rows - 1 : row, columns - 1)
  return null
}
