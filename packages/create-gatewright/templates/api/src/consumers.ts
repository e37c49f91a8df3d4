/** Who may call: applications and customers. Their keys are made by `npm run key -- <name>`. */
export const CONSUMERS = {
  acme: { metadata: { plan: 'gold' } },
  demo: { metadata: { plan: 'free' } }
}
