/** `damaged`: the bytes are not what was written · `foreign`: made with a key, or by a version, that is not ours · `hostile`: says what no backup says · `occupied`: there is something already where it should go. */
export type Reason = 'damaged' | 'foreign' | 'hostile' | 'occupied'

/** Why a backup is not made use of, as a sentence for whoever asked; nothing was written. */
export class BackupRefused extends Error {
  readonly reason: Reason
  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
