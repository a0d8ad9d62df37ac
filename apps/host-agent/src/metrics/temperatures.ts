import { type HostFiles, isUnknown, type Known, plainName, unknown } from './host-files.ts'

export type Temperatures = { readonly items: readonly { readonly name: string; readonly celsius: number }[] }

const most = 32
/** What a broken sensor says lies outside of this. */
const sane = (celsius: number): boolean => celsius > -60 && celsius < 200

/**
 * Thermal zones, https://docs.kernel.org/driver-api/thermal/sysfs-api.html, and sensors, https://docs.kernel.org/hwmon/sysfs-interface.html;
 * both in thousandths of a degree.
 */
export function readTemperatures(files: HostFiles): Known<Temperatures> {
  const zones = files
    .names('/sys/class/thermal', 256)
    .filter((name) => /^thermal_zone[0-9]{1,4}$/.test(name))
    .map((name) => ({ label: [`/sys/class/thermal/${name}/type`], value: `/sys/class/thermal/${name}/temp` }))
  const sensors = files
    .names('/sys/class/hwmon', 64)
    .filter((name) => /^hwmon[0-9]{1,4}$/.test(name))
    .flatMap((name) =>
      files
        .names(`/sys/class/hwmon/${name}`, 512)
        .flatMap((file) => /^(temp[0-9]{1,4})_input$/.exec(file)?.[1] ?? [])
        .map((sensor) => ({
          label: [`/sys/class/hwmon/${name}/name`, `/sys/class/hwmon/${name}/${sensor}_label`],
          value: `/sys/class/hwmon/${name}/${sensor}_input`,
        })),
    )
  const items = [...zones, ...sensors].slice(0, most).flatMap(({ label, value }) => {
    const text = wordIn(files, value)
    const celsius = text !== null && /^-?[0-9]{1,7}$/.test(text) ? Number(text) / 1_000 : Number.NaN
    const name = label
      .map((path) => wordIn(files, path))
      .filter(Boolean)
      .join(' ')
    return sane(celsius) ? [{ name: plainName(name || 'unnamed'), celsius }] : []
  })
  return items.length === 0 ? unknown('this machine tells no temperature') : { items }
}

function wordIn(files: HostFiles, path: string): string | null {
  const read = files.text(path, 4_096)
  return isUnknown(read) ? null : read.text.trim()
}
