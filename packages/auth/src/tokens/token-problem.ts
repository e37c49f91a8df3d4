/** Why a token is refused: for the log, never for the client. Quotes nothing of the token. */
export class TokenProblem extends Error {
  override readonly name = 'TokenProblem'
}
