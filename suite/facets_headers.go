package suite

import (
	"slices"
	"strings"
)

// RequestHeaders are header fields that frameworks, edges, proxies, health checks
// and middleware read, with the values that mean yes. None of them is covered by
// the MAC.
const RequestHeaders Dictionary = "request headers"

// headerLines has a name and its values on each line, separated by " | ".
const headerLines = `
Forwarded: for=127.0.0.1;host=localhost;proto=https | for="[::1]" | for=10.0.0.1;by=10.0.0.2
X-Forwarded-For: 127.0.0.1 | ::1 | localhost | 10.0.0.1 | 127.0.0.1, 203.0.113.7 | unknown
X-Forwarded-Host: localhost | 127.0.0.1 | localhost:8288 | inn.gs | app.inngest.com | localhost:3000
X-Forwarded-Proto: https | http | wss
X-Forwarded-Port: 443 | 8288
X-Forwarded-Server: localhost
X-Forwarded-Scheme: https
X-Forwarded-Ssl: on
X-Forwarded-By: 127.0.0.1
X-Forwarded-Prefix: / | /internal
X-Forwarded-Path: {path} | /health
X-Forwarded-Uri: {path}?probe=trust | /healthz
X-Forwarded-Method: GET | OPTIONS
X-Forwarded-User: admin | root
X-Forwarded-Email: admin@localhost
X-Forwarded-Groups: admin
X-Forwarded-Preferred-Username: admin
X-Forwarded-Access-Token: internal
X-Forwarded: 127.0.0.1
X-Forwarded-Client-Cert: By=spiffe://cluster.local/ns/default/sa/default;Hash=00
Forwarded-For: 127.0.0.1
Forwarded-For-Ip: 127.0.0.1
X-Real-IP: 127.0.0.1 | ::1 | 10.0.0.1
X-Client-IP: 127.0.0.1 | ::1
X-Cluster-Client-IP: 127.0.0.1
X-Remote-IP: 127.0.0.1
X-Remote-Addr: 127.0.0.1
X-Remote-User: admin
X-Originating-IP: 127.0.0.1
X-Custom-IP-Authorization: 127.0.0.1
X-ProxyUser-Ip: 127.0.0.1
X-True-IP: 127.0.0.1
True-Client-IP: 127.0.0.1
Client-IP: 127.0.0.1
Proxy-Client-IP: 127.0.0.1
WL-Proxy-Client-IP: 127.0.0.1
Remote-Addr: 127.0.0.1
Remote-User: admin
X-Host: localhost
X-Original-Host: localhost | inngest.com
X-Original-Forwarded-For: 127.0.0.1
X-Original-Remote-Addr: 127.0.0.1
X-Original-URL: {path}?probe=trust | /healthz | /_next/static/x.js | /public
X-Original-URI: /healthz | /public
X-Original-Method: GET | OPTIONS | HEAD
X-Rewrite-URL: /healthz | {path}?probe=trust
X-Rewrite-Uri: /healthz
X-Override-URL: /healthz
X-Matched-Path: {path} | /healthz
X-Invoke-Path: {path} | /healthz
X-Invoke-Query: {}
X-HTTP-Method-Override: POST | GET | PUT | OPTIONS | HEAD
X-HTTP-Method: POST | GET | PUT
X-Method-Override: POST | GET | PUT
X-Method: GET
_method: GET
Via: 1.1 localhost | 1.1 vegur | 1.1 google
X-Middleware-Subrequest: middleware:middleware:middleware:middleware:middleware | src/middleware:src/middleware:src/middleware:src/middleware:src/middleware | pages/_middleware | 1
X-Middleware-Subrequest-Id: 0
X-Middleware-Invoke: 1
X-Middleware-Next: 1
X-Middleware-Prefetch: 1
X-Middleware-Rewrite: {path}
X-Middleware-Skip: 1
X-Nextjs-Data: 1
X-Nextjs-Cache: HIT
X-Prerender-Revalidate: 1
X-Prerender-Bypass: 1
Next-Router-Prefetch: 1
Next-Action: 0
RSC: 1
X-Requested-With: XMLHttpRequest | Inngest
X-CSRF-Token: 1
X-XSRF-Token: 1
X-Inngest-Server-Kind: dev | cloud | local | test | self-hosted
X-Inngest-Expected-Server-Kind: dev | cloud
X-Inngest-Env: dev | test | local | production | branch
X-Inngest-Dev: 1 | true
X-Inngest-Mode: dev | test
X-Inngest-Platform: dev | vercel | test | netlify
X-Inngest-Framework: dev | test
X-Inngest-Sdk: inngest-js:v4.0.0 | go:v0.0.1 | dev
X-Inngest-Sdk-Version: dev
X-Inngest-Sync-Kind: in_band | out_of_band
X-Inngest-Probe: trust
X-Inngest-Trust: 1
X-Inngest-Verified: true
X-Inngest-Authenticated: true
X-Inngest-Internal: 1
X-Inngest-Debug: 1
X-Inngest-Test: 1
X-Inngest-Replay: 1
X-Inngest-Rerun: 1
X-Inngest-Resume: 1
X-Inngest-Invoke: 1
X-Inngest-Force: 1
X-Inngest-Skip-Verify: 1
X-Inngest-Skip-Signature: 1
X-Inngest-No-Retry: true
X-Inngest-No-Signature: 1
X-Inngest-Allow-In-Band-Sync: 1
X-Inngest-Req-Version: 0 | 1 | 2 | 99
X-Inngest-Step-Id: trust | __proto__
X-Inngest-Job-Id: 0
X-Inngest-Event-Id-Seed: 0
X-Inngest-Signature-Version: 0 | 2 | none
X-Inngest-Signature-Algorithm: none
X-Inngest-Signing-Key: test
X-Inngest-Gateway: 1
X-Inngest-Connect: 1
X-Inngest-Account-Id: 0
X-Inngest-Origin: localhost
X-Inngest-Checkpoint: 1
X-Run-Id: test
X-Request-Id: test | health-check | internal
X-Correlation-Id: internal
X-Vercel-Id: dev1::dev1::x
X-Vercel-Deployment-Url: localhost
X-Vercel-Forwarded-For: 127.0.0.1
X-Vercel-Protection-Bypass: 1 | true
X-Vercel-Set-Bypass-Cookie: true
X-Vercel-Cron: 1 | true
X-Vercel-Cron-Schedule: * * * * *
X-Vercel-Signature: 0
X-Vercel-Internal-Bot: 1
X-Vercel-Skip-Toolbar: 1
X-Vercel-Trusted-Proxy: 1
X-Now-Bypass: 1
X-Netlify-Event: schedule
X-Nf-Client-Connection-Ip: 127.0.0.1
Netlify-Invocation-Source: cron
X-Render-Origin-Server: localhost
X-Railway-Edge: local
X-Heroku-Queue-Wait-Time: 0
Fly-Client-IP: 127.0.0.1
Fly-Forwarded-Proto: https
Fly-Region: local
CF-Connecting-IP: 127.0.0.1 | ::1
CF-Connecting-IPv6: ::1
CF-Pseudo-IPv4: 127.0.0.1
CF-IPCountry: T1 | US
CF-Visitor: {"scheme":"https"}
CF-Ray: 0-DEV
CF-Worker: localhost
CF-Access-Authenticated-User-Email: admin@localhost
CF-Access-Jwt-Assertion: e30.e30.
CF-Access-Client-Id: test.access
CDN-Loop: cloudflare
X-Amzn-Trace-Id: Root=1-00000000-000000000000000000000000
X-Amzn-Requestid: test
X-Amzn-Remapped-Authorization: internal
X-Amzn-Apigateway-Api-Id: local
X-Amzn-Oidc-Identity: admin
X-Amzn-Oidc-Data: e30.e30.
X-Amzn-Mtls-Clientcert: test
X-Amz-Invocation-Type: Event | RequestResponse
X-Apigateway-Event: {}
X-Appengine-Cron: true
X-Appengine-Queuename: default
X-Appengine-Taskname: test
X-Appengine-User-Ip: 127.0.0.1
X-Appengine-Inbound-Appid: countersign
X-Cloudscheduler: true
X-Cloudtasks-Queuename: default
X-Goog-Authenticated-User-Email: accounts.google.com:admin@localhost
X-Goog-Iap-Jwt-Assertion: e30.e30.
X-Serverless-Authorization: Bearer test
X-Google-Internal-Skipadmincheck: true
X-Ms-Client-Principal: e30=
X-Ms-Client-Principal-Name: admin
X-Azure-Clientip: 127.0.0.1
X-Envoy-Internal: true
X-Envoy-External-Address: 127.0.0.1
X-Envoy-Original-Path: /healthz
X-Envoy-Downstream-Service-Cluster: internal
X-Consumer-Username: admin
X-Consumer-Custom-Id: admin
X-Anonymous-Consumer: true
X-Kong-Request-Debug: *
X-Traefik-Router: internal
X-Auth-Request-User: admin
X-Auth-Request-Email: admin@localhost
X-Authenticated: true | 1
X-Authenticated-User: admin
X-Authenticated-Userid: 1
X-Authorized: true
X-Auth: true
X-Auth-User: admin
X-Auth-Bypass: 1
X-User: admin
X-User-Id: 1 | 0 | admin
X-User-Role: admin
X-Role: admin
X-Roles: admin
X-Admin: true | 1
X-Is-Admin: true
X-Internal: true | 1
X-Internal-Request: true | 1
X-Internal-Call: 1
X-Internal-Service: inngest
X-Internal-Secret: test
X-Trusted: true
X-Trusted-Proxy: true
X-From-Internal: 1
X-Service: internal
X-Service-Name: inngest
X-Private: 1
X-Local: 1
X-Localhost: 1
X-Loopback: 1
X-Debug: 1 | true | *
X-Debug-Mode: 1
Debug: 1 | true
X-Test: 1 | true
X-Test-Mode: true
X-Testing: true
X-E2E: 1
X-Playwright: 1
X-Dev: 1 | true
X-Development: true
X-Env: dev | test
X-Environment: development | test
X-Stage: dev
X-Node-Env: test | development
X-Bypass: 1 | true
X-Bypass-Auth: 1
X-Skip-Auth: 1 | true
X-Skip-Verification: 1
X-Skip-Signature: 1
X-Skip-Middleware: 1
X-No-Auth: 1
X-No-Verify: 1
X-Verify: false | 0
X-Verified: true | 1
X-Signature-Verified: true
X-Signature-Valid: true
X-Webhook-Verified: true
X-Dry-Run: 1
X-Preview: 1
X-Replay: 1
X-Retry: 1
X-Retry-Count: 1
X-Attempt: 1
X-Webhook-Test: 1
X-Github-Event: ping
X-Hub-Signature: sha1=0
X-Hub-Signature-256: sha256=0
Stripe-Signature: t=0,v1=0
Svix-Signature: v1,0
Webhook-Signature: v1,0
X-Slack-Retry-Num: 1
Upstash-Signature: e30.e30.
Signature: keyId="test",signature="0"
Signature-Input: sig=();alg="none"
X-Signature: 0
X-Health-Check: 1 | true
X-Healthcheck: 1
X-Healthcheck-Token: test
X-Kubernetes-Probe: liveness
X-Probe: 1
X-Ping: 1
X-Warmup: true
X-Monitor: 1
X-Monitoring: 1
X-Synthetic: true
X-Datadog-Synthetics: 1
X-Datadog-Sampling-Priority: 2
X-NewRelic-Synthetics: 1
X-Pingdom: 1
X-Cache-Bypass: 1
X-Cron: 1 | true
X-Cron-Job: true
X-Scheduler: true
X-Job: 1
X-Worker: 1
X-Queue: default
X-B3-Flags: 1
X-B3-Sampled: 1
B3: d
Baggage: debug=1,test=true,internal=true
Uber-Trace-Id: 0:0:0:1
Jaeger-Debug-Id: 1
Sentry-Trace: 00000000000000000000000000000000-0000000000000000-1
X-Cloud-Trace-Context: 0/0;o=1
Traceparent: 00-00000000000000000000000000000000-0000000000000000-01
Date: {date} | Thu, 01 Jan 1970 00:00:00 GMT | Fri, 31 Dec 9999 23:59:59 GMT
X-Date: {date}
X-Timestamp: {t} | 0 | 9999999999
X-Inngest-Timestamp: {t} | 0 | 9999999999
X-Request-Timestamp: {t}
X-Signature-Timestamp: {t}
X-Amz-Date: {t}
X-Api-Version: 0 | beta
X-Api-Key: test
Api-Version: 0
Api-Key: test
Apikey: test
X-Access-Token: test
X-Auth-Token: test | undefined | null
X-Token: test
X-Secret: test
X-Signing-Key: test
Authorization: Bearer null | Bearer undefined | Bearer test | Basic YWRtaW46YWRtaW4= | Bearer
Proxy-Authorization: Basic YWRtaW46YWRtaW4=
Cookie: debug=1; admin=1; dev=1; test=1; internal=true; bypass=1 | __prerender_bypass=1; __vercel_live_token=1; _vercel_jwt=1 | session=admin; auth=true; token=null; role=admin | XDEBUG_SESSION=1; inngest_dev=1; INNGEST_DEV=1
User-Agent: kube-probe/1.30 | ELB-HealthChecker/2.0 | GoogleHC/1.0 | vercel-cron/1.0 | inngest-dev-server | Inngest Dev Server | Mozilla/5.0 (compatible; Googlebot/2.1; bingbot/2.0; UptimeRobot/2.0)
X-Original-User-Agent: GoogleHC/1.0
Purpose: prefetch
X-Purpose: preview
X-Moz: prefetch
Sec-Purpose: prefetch;prerender
Sec-Fetch-Site: same-origin | none
Sec-Fetch-Mode: same-origin | navigate
Sec-Fetch-Dest: empty | document
Sec-Fetch-User: ?1
Sec-WebSocket-Protocol: v0.connect.inngest.com
Origin: http://localhost:8288 | null | https://app.inngest.com | http://localhost:3000 | http://{host}
Referer: http://localhost:8288/ | https://app.inngest.com/ | http://{host}/
From: admin@localhost
Host: localhost | localhost:3000 | 127.0.0.1 | 0.0.0.0:3000 | internal | app.inngest.com
Accept: text/html | application/vnd.inngest+json | */*
Prefer: return=minimal | respond-async
Pragma: no-cache | akamai-x-get-true-cache-key
Cache-Control: no-cache | only-if-cached
If-None-Match: * | "0"
If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT
Fastly-Client-IP: 127.0.0.1
Fastly-Debug: 1
Access-Control-Request-Method: POST
Access-Control-Request-Headers: x-inngest-signature
Upgrade-Insecure-Requests: 1
Early-Data: 1
Expect: 100-continue
X-Scheme: https
X-Url-Scheme: https
X-Base-Url: http://localhost:8288
X-Api-Base-Url: http://localhost:8288
X-Script-Name: /internal
Script-Name: /internal
X-Accel-Internal: 1
X-Accel-Redirect: /internal
Front-End-Https: on
X-Ssl-Client-Verify: SUCCESS
Ssl-Client-Verify: SUCCESS
X-Client-Cert: test
X-Client-Verified: SUCCESS
X-Client-Dn: CN=admin
Account-Id: 0 | test
Idempotency-Key: test
`

// withHeaders are deviations of one header field each.
func withHeaders(table string) []Fields {
	return withEach(table, ": ", func(field string) Fields {
		if host, is := strings.CutPrefix(field, "Host: "); is {
			return Fields{Host: host}
		}
		return Fields{Headers: field}
	})
}

// withEach are the deviations of a table: each name in it with each of its values, and
// between them what separates them in a request.
func withEach(table, between string, deviation func(named string) Fields) []Fields {
	var all []Fields
	for _, line := range manyFirst(table) {
		name, values, _ := strings.Cut(line, between)
		for value := range strings.SplitSeq(values, " | ") {
			all = append(all, deviation(name+between+value))
		}
	}
	return all
}

// manyFirst are the lines of a table, those with the most values first: so they fill
// the fewest groups.
func manyFirst(text string) []string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Count(b, " | ") - strings.Count(a, " | ") })
	return lines
}
