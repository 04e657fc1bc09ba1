package suite

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"

	"github.com/countersign-dev/countersign/reference"
)

// The values of X-Inngest-Server-Kind.
const (
	ServerKindCloud = "cloud"
	ServerKindDev   = "dev"
)

// Ids that the server gives an account and a function. Any values of this form do.
const (
	accountID    = "00000000-0000-4000-a000-000000000000"
	functionUUID = "8f0f9b1c-5d1e-5c53-9f0e-1f6a3c9d2b10"
)

// RecordedFields are the header fields of a request besides Host, Content-Type and
// the signature, as recorded from the open-source server (as of 2026-08-22). A call
// has no X-Inngest-Server-Kind; a sync has.
func RecordedFields(kind Kind, scene Scene) []Field {
	const accepts = "gzip"
	switch kind {
	case KindCall, KindProbe:
		trace := sha256.Sum256([]byte(scene.Nonce))
		id, span, parent := hex.EncodeToString(trace[:16]), hex.EncodeToString(trace[16:24]), hex.EncodeToString(trace[24:])
		return []Field{
			{"User-Agent", "Inngest"},
			{"Account-Id", accountID},
			{"Traceparent", "00-" + id + "-" + span + "-01"},
			{"Tracestate", "inngest@traceref=" + url.QueryEscape(`{"tp":"00-`+id+`-`+parent+`-01","ts":""}`) +
				",inngest@fn=" + functionUUID + ",inngest@app=" + APIAppID},
			{"X-Inngest-Generation-Id", "1"},
			{"X-Inngest-Job-Id", jobOf(scene.Nonce)},
			{"X-Inngest-Req-Version", "-1"},
			{"X-Inngest-Step-Id", "step"},
			{"X-Request-Id", scene.Nonce},
			{"X-Run-Id", scene.Nonce},
			{"Accept-Encoding", accepts},
		}
	case KindSync, KindInBandSync:
		fields := []Field{{"User-Agent", "Go-http-client/1.1"}, {reference.HeaderServerKind, cmp.Or(scene.ServerKind, ServerKindCloud)}}
		if kind == KindInBandSync {
			fields = append(fields, Field{reference.HeaderSyncKind, "in_band"})
		}
		return append(fields, Field{"Accept-Encoding", accepts})
	}
	return []Field{{"User-Agent", "Go-http-client/1.1"}, {"Accept-Encoding", accepts}}
}

// ServerKind is the kind of server that a target in this set-up belongs to.
func (s Setup) ServerKind() string {
	if s.Dev() {
		return ServerKindDev
	}
	return ServerKindCloud
}

// jobOf is the job id of a run, 13 characters like the server's.
func jobOf(nonce string) string {
	sum := sha256.Sum256([]byte("job " + nonce))
	return hex.EncodeToString(sum[:7])[:13]
}

// queueItemOf is the queue item id of a run.
func queueItemOf(nonce string) string {
	return base64.StdEncoding.EncodeToString([]byte(jobOf(nonce) + "::default"))
}
