package suite

// Credentials are what others of the account hold, and what an endpoint may take in
// place of a signature.
const Credentials Dictionary = "credentials of the account other than a signature"

const credentialLines = `
Authorization: Bearer {bearer} | Bearer {hash} | Basic {basic} | Bearer {event-key}
X-Authorization: Bearer {bearer} | Bearer {hash}
Proxy-Authorization: Bearer {bearer}
X-Serverless-Authorization: Bearer {bearer}
X-Forwarded-Authorization: Bearer {bearer}
X-Api-Key: {bearer} | {hash} | {event-key}
Api-Key: {bearer} | {hash} | {event-key}
X-Auth-Token: {bearer} | {hash} | {event-key}
X-Access-Token: {bearer} | {hash} | {event-key}
X-Inngest-Signing-Key: {bearer} | {hash} | {event-key}
X-Inngest-Signing-Key-Hash: {hash} | {bearer}
X-Inngest-Key: {bearer} | {event-key} | {hash}
X-Inngest-Event-Key: {event-key}
X-Inngest-Authorization: Bearer {bearer} | {hash}
X-Signing-Key: {hash} | {bearer}
X-Webhook-Secret: {event-key} | {hash}
Cookie: token={bearer} | inngest_signing_key={hash} | inngest_event_key={event-key}
`
