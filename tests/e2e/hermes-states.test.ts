/// <reference lib="dom" />
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HermesOps } from '@console/contracts/hermes/schemas'
import { homesFolder, makeHome } from '@console/testkit/made-home'
import { describeNeeding } from '@console/testkit/needs'
import { canonical, directPlan } from '@console/verbs/canonical'
import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pageFindings } from './chromium-page.ts'
import { backupOf, type Span, spansOf, startWithAgents } from './hermes-agents.ts'
import { tabThrough } from './keyboard-walk.ts'
import type { SeededBrowser } from './seeded-browser.ts'

const minute = 60_000
const dayMs = 86_400_000
const patient = { timeout: 45_000 }
const trendsKey = 'bytelyst.hermes.trends.v1'
const ids = ['vm', 'uma', 'night', 'gone', 'hurt']

describeNeeding('chromium', 'the section of Hermes in all its states', () => {
  const base = homesFolder()
  let here: SeededBrowser
  let page: Page
  const url = (path: string): string => `${here.running.devopsWeb}/hermes${path}`
  const ops = '**/api/devops/hermes/ops'
  /** What the API answers, and otherwise. */
  const answering = (change: (told: HermesOps) => HermesOps) => async (route: Route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: change((await response.json()) as HermesOps) })
  }
  const only = (count: number) =>
    answering((told) => ({ ...told, instances: told.instances.slice(0, count), warnings: count === 0 ? [] : told.warnings }))

  beforeAll(async () => {
    const homeOf = (id: string): string => (id === 'gone' ? join(base, 'nowhere') : makeHome(join(base, id)))
    const backups: Readonly<Record<string, number>> = { vm: 6, uma: 52 }
    const instances = ids.map((id) => ({
      ...{ id, home: homeOf(id) },
      ...(id in backups && { backupRepo: backupOf(join(base, `${id}-backup`), backups[id] ?? 0) }),
    }))
    writeFileSync(join(base, 'hurt/state.db'), 'no database'.repeat(1_000))
    here = await startWithAgents(base, instances)
    page = here.page
  }, 3 * minute)
  afterAll(async () => {
    await here?.stop()
    rmSync(base, { recursive: true, force: true })
  }, minute)

  it(
    'shows five, one and no agent, while they are read, when they cannot be, and what was known when they cannot be read again',
    async () => {
      const found: string[] = []
      await page.goto(url(''))
      await page.getByText(/^0 up · 5 unknown of 5 · /).waitFor(patient)
      const choice = page.getByRole('combobox', { name: 'Instance' })
      expect(await choice.locator('option').allTextContents()).toEqual(['All 5', ...ids])
      for (const id of ids) await page.getByRole('region', { name: id, exact: true }).waitFor(patient)
      await page
        .getByRole('region', { name: 'uma: last backup commit' })
        .getByText(/^5[2-4] min ago, stale$/)
        .waitFor(patient)
      await page
        .getByRole('region', { name: 'vm: last backup commit' })
        .getByText(/^[6-8] min ago$/)
        .waitFor(patient)
      found.push(...(await pageFindings(page, 'hermes-five')))
      expect(await tabThrough(page, 40)).toMatchObject({ unseen: [] })
      await choice.selectOption('hurt')
      await expect.poll(() => page.url(), patient).toContain('instance=hurt')
      await page.getByRole('region', { name: 'hurt', exact: true }).waitFor(patient)
      expect(await page.getByRole('region', { name: 'vm', exact: true }).count()).toBe(0)
      await page.goto(url('/sessions?instance=hurt'))
      await page.getByText('It is damaged.').waitFor(patient)
      found.push(...(await pageFindings(page, 'hermes-sessions-unknown')))

      await page.route(ops, only(1))
      await page.goto(url(''))
      await page.getByRole('region', { name: 'vm', exact: true }).waitFor(patient)
      expect(await page.getByLabel('Instance', { exact: true }).count()).toBe(0)
      found.push(...(await pageFindings(page, 'hermes-one')))
      await page.unroute(ops)

      await page.route(ops, only(0))
      for (const tab of ['', '/agents', '/sessions', '/cron', '/signals']) {
        await page.goto(url(tab))
        await page.getByRole('heading', { name: 'No agent is set up' }).waitFor(patient)
        if (tab === '' || tab === '/signals') found.push(...(await pageFindings(page, `hermes-none${tab.replace('/', '-')}`)))
      }
      await page.unroute(ops)

      let answer: () => void = () => undefined
      const held = new Promise<void>((resolve) => {
        answer = resolve
      })
      await page.route(ops, async (route) => {
        await held
        await route.fulfill({
          status: 503,
          contentType: 'application/problem+json',
          body: JSON.stringify({ status: 503, code: 'HOST_AGENT_AWAY', title: 'away', detail: 'host-agent does not answer.' }),
        })
      })
      await page.goto(url(''))
      await page.getByText('Loading The agents').waitFor({ state: 'attached', ...patient })
      found.push(...(await pageFindings(page, 'hermes-loading')))
      answer()
      await page.getByRole('button', { name: 'Try again' }).waitFor(patient)
      found.push(...(await pageFindings(page, 'hermes-error')))
      await page.unroute(ops)
      await page.getByRole('button', { name: 'Try again' }).press('Enter')
      await page.getByRole('region', { name: 'vm', exact: true }).waitFor(patient)
      await page.route(ops, (route) => route.abort())
      await page.getByText('The agents could not be refreshed', { exact: false }).waitFor(patient)
      expect(await page.locator('.stale').getByRole('region', { name: 'vm', exact: true }).count()).toBe(1)
      found.push(...(await pageFindings(page, 'hermes-stale')))
      await page.unroute(ops)
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    4 * minute,
  )

  it(
    'asks for nothing of the agents where the gateway would not answer, says why on each page, and goes on once it does',
    async () => {
      const found: string[] = []
      const asked: string[] = []
      const listen = (request: { url(): string }): void => {
        if (request.url().includes('/api/devops/hermes/')) asked.push(request.url())
      }
      const parts = '**/api/devops/parts'
      let reach = 'private'
      await page.route(parts, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, json: { ...((await response.json()) as object), agents: reach } })
      })
      // Nothing of the page before asks on.
      await page.goto('about:blank')
      page.on('request', listen)
      await page.goto(here.running.devopsWeb)
      await page.getByRole('heading', { name: 'Services', exact: true }).waitFor(patient)
      await page
        .getByRole('contentinfo')
        .or(page.getByText('vCPU', { exact: false }))
        .first()
        .waitFor(patient)
      const blank = page.getByRole('heading', { name: 'The agents are shown in private networks alone' })
      for (const tab of ['', '/agents', '/sessions', '/cron', '/signals']) {
        await page.goto(url(tab))
        await blank.waitFor(patient)
        await page.getByRole('heading', { name: 'Hermes', level: 1 }).waitFor(patient)
        if (tab === '') found.push(...(await pageFindings(page, 'hermes-private')))
      }
      await page.goto(`${here.running.devopsWeb}/settings?tab=agents`)
      await blank.waitFor(patient)
      found.push(...(await pageFindings(page, 'settings-agents-private')))
      expect(asked).toEqual([])
      reach = 'open'
      await page.getByRole('button', { name: 'Make a key…' }).waitFor(patient)
      await expect.poll(() => asked.length, patient).toBeGreaterThan(0)
      page.off('request', listen)
      await page.unroute(parts)
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'draws its trends from 24 snapshots that the browser keeps, leaves out what it did not write, and goes on where there is no room',
    async () => {
      const trendAt = (at: number) => ({
        ...{ generatedAt: new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString(), warnings: at % 3, healthy: 1, unknown: 1, total: 2 },
        backup: { vm: at, uma: null },
      })
      const kept = Array.from({ length: 24 }, (_, at) => trendAt(at))
      const held = (): Promise<{ generatedAt: string; warnings: number }[]> =>
        page.evaluate((key) => JSON.parse(localStorage.getItem(key) ?? '[]') as never, trendsKey)
      await page.goto(`${here.running.devopsWeb}/settings`)
      await page.evaluate(([key, text]) => localStorage.setItem(key, text), [
        trendsKey,
        JSON.stringify([...kept, { ...kept[3], warnings: 9 }, { ...kept[0], extra: 1 }, 'x', null]),
      ] as const)
      await page.goto(url(''))
      const line = page.getByRole('img', { name: /^Warnings over 24 snapshots/ })
      await line.waitFor(patient)
      const all = await held()
      expect([all.length, all[0]?.generatedAt, all[2]?.warnings]).toEqual([24, kept[1]?.generatedAt, 9])
      expect(new Set(all.map(({ generatedAt }) => generatedAt)).size).toBe(24)
      const drawn = await line.evaluate((svg) => {
        const [stroke] = svg.querySelectorAll('polyline')
        const { strokeWidth, vectorEffect } = getComputedStyle(stroke as Element)
        const box = [svg.getAttribute('viewBox'), svg.getAttribute('preserveAspectRatio')]
        return { box, strokeWidth, vectorEffect, points: stroke?.getAttribute('points')?.split(' ').length }
      })
      expect(drawn).toEqual({ box: ['0 0 100 100', 'none'], strokeWidth: '2px', vectorEffect: 'non-scaling-stroke', points: 24 })

      await page.evaluate((key) => {
        localStorage.removeItem(key)
        for (let size = 1 << 22; size > 0; size >>= 1)
          try {
            for (let at = 0; ; at += 1) localStorage.setItem(`fill-${size}-${at}`, 'x'.repeat(size))
          } catch {
            // Full for this size.
          }
      }, trendsKey)
      await page.reload()
      await page.getByRole('img', { name: /^Warnings over 1 snapshot,/ }).waitFor(patient)
      expect(await held()).toEqual([])
      await page.evaluate(() => localStorage.clear())
      expect(here.noise).toEqual([])
    },
    2 * minute,
  )

  it(
    'tells of signals: none until one comes, then latency, failures, tokens and cost, by model, over a day and over thirty',
    async () => {
      const found: string[] = []
      const secret = await keyOf({ instance: 'vm', way: 'otlp', name: 'plugin' })
      await page.goto(url('/signals?instance=vm'))
      const panel = page.getByRole('region', { name: 'vm', exact: true })
      await panel.getByText('No signal has arrived.').waitFor(patient)
      expect(await panel.getByRole('table').count()).toBe(0)
      expect(await panel.getByRole('link', { name: 'Point an agent here' }).getAttribute('href')).toMatch(/^\/settings\?tab=agents/)

      const turns = Array.from(
        { length: 20 },
        (_, at): Span => ({ operation: 'invoke_agent', ms: (at + 1) * 100, ...(at > 17 && { error: 'timeout' }) }),
      )
      const calls: Span[] = [
        { operation: 'chat', model: 'lab-large', ms: 900, tokens: [1_000, 200], cost: 0.0125 },
        { operation: 'chat', model: 'lab-large', ms: 900, tokens: [1_000, 200], cost: 0.0125 },
        { operation: 'chat', model: 'lab-small', ms: 50 },
        { operation: 'chat', model: 'lab-old', ms: 50, agoMs: 20 * dayMs, error: 'auth_failed' },
      ]
      const sent = await fetch(`${here.running.devopsApi}/hermes/ingest/vm/v1/traces`, {
        method: 'POST',
        body: spansOf([...turns, ...calls]),
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      })
      expect([sent.status, await sent.text()]).toEqual([200, '{}'])
      await page.reload()
      await panel.getByText('2, 10 %').first().waitFor(patient)
      const facts = plain(await panel.locator('dl').first().textContent())
      expect(facts).toMatch(/Last success(now|[0-9]+ [sm] ago)/)
      expect(facts).toMatch(/Last failure(now|[0-9]+ [sm] ago), timeout/)
      const [p50 = 0, p95 = 0] = quantiles(facts)
      expect([Math.abs(p50 - 1_000) <= 60, Math.abs(p95 - 1_900) <= 120]).toEqual([true, true])
      const rowOf = async (model: string): Promise<string> => plain(await panel.getByRole('row').filter({ hasText: model }).textContent())
      expect(await rowOf('lab-large')).toMatch(/Model call.*lab-large.*2.*0, 0 %.*2,000 in, 400 out.*\$0\.0250/)
      expect(await rowOf('lab-small')).toMatch(/lab-small.*1.*No data.*No data/)
      expect(await panel.getByRole('row').filter({ hasText: 'lab-old' }).count()).toBe(0)
      found.push(...(await pageFindings(page, 'hermes-signals-day')))
      await page.getByRole('radio', { name: '30 days' }).click()
      await expect.poll(() => page.url(), patient).toContain('window=30d')
      await panel.getByRole('row').filter({ hasText: 'lab-old' }).waitFor(patient)
      expect(await rowOf('lab-old')).toMatch(/lab-old.*1, 100 %/)
      found.push(...(await pageFindings(page, 'hermes-signals-month')))
      await page.goto(url('/signals?instance=uma'))
      await page.getByText('No signal has arrived.').waitFor(patient)
      await page.goto(url('/agents?instance=vm'))
      await page.getByRole('row', { name: /^vm\s20\s2,\s10\s%\sp50/ }).waitFor(patient)
      found.push(...(await pageFindings(page, 'hermes-agents-signals')))
      expect(found).toEqual([])
      expect(here.noise).toEqual([])
    },
    3 * minute,
  )

  async function keyOf(wish: { readonly instance: string; readonly way: string; readonly name: string }): Promise<string> {
    const admin = await here.admin()
    const digest = createHash('sha256')
      .update(canonical(directPlan('hermes.key.create', 'local', wish)))
      .digest('hex')
    const made = await admin.devops.post('/hermes/keys', wish, { 'x-grant': await admin.grant('hermes.key.create', digest) })
    return String(made.body.secret)
  }
})

const plain = (text: string | null): string => (text ?? '').replaceAll(/\s+/g, ' ')

/** The two quantiles of a line such as “p50 1.0 s, p95 1.9 s”, in milliseconds. */
function quantiles(text: string): number[] {
  return [...text.matchAll(/p(?:50|95) ([0-9.]+) (ms|s)/g)].map(([, amount, unit]) => Number(amount) * (unit === 's' ? 1_000 : 1))
}
