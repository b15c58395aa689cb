/** How people sign in, in Harbor's words: with accounts of the registry's own. */
export const authMode = 'db_auth'

/**
 * Harbor's keys, those that have an effect here, with their defaults. None is a secret: the ledger shows what they are
 * changed to.
 */
export interface RuntimeSettings {
  readonly project_creation_restriction: 'everyone' | 'adminonly'
  /** Nothing may be changed but this. */
  readonly read_only: boolean
  /** Whether people may make accounts for themselves, with a browser's session. */
  readonly self_registration: boolean
  /** Minutes that a registry token lives. */
  readonly token_expiration: number
  /** Days that a robot lives unless it is made with another duration. */
  readonly robot_token_duration: number
  readonly robot_name_prefix: string
  /** Minutes that a browser's session lives after its last request. */
  readonly session_timeout: number
  /** Harbor's JSON in a string; shown to whoever asks for the system's information. */
  readonly banner_message: string
}

export const defaultSettings: RuntimeSettings = {
  project_creation_restriction: 'everyone',
  read_only: false,
  self_registration: false,
  token_expiration: 30,
  robot_token_duration: 30,
  robot_name_prefix: 'robot$',
  session_timeout: 60,
  banner_message: '',
}
