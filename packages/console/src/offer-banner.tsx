'use client'
import { Button } from '@console/ui/button.tsx'
import { Banner } from '@console/ui/states.tsx'
import { useInstall, useOffer } from './use-offer.ts'

/** One line, where nothing of more weight stands: there is a newer version, or this dashboard can be installed. */
export function OfferBanner() {
  const { offer, putOff } = useOffer()
  const install = useInstall()
  if (!offer) return null
  const later = (
    <Button small look="quiet" onClick={putOff}>
      Not now
    </Button>
  )
  if (offer === 'update')
    return (
      <Banner
        kind="queued"
        action={
          <>
            <Button small onClick={() => location.reload()}>
              Load it
            </Button>
            {later}
          </>
        }
      >
        There is a newer version of this dashboard. This page goes on working.
      </Banner>
    )
  return (
    <Banner
      kind="queued"
      action={
        <>
          <Button small onClick={() => install?.()}>
            Install
          </Button>
          {later}
        </>
      }
    >
      This dashboard can be installed: a window of its own, which opens without a network too.
    </Banner>
  )
}
