/** Where this candidate listens, and the base URLs of its upstreams: given by the harness. */
export const port = Number(process.env.PORT)
export const upstreams = process.env.UPSTREAMS.split(',')
