package hostile

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// behaviour is one way to be hostile. What is not set is as in the reference.
type behaviour struct {
	name  string
	start func()      // before it listens
	speak func(*talk) // in response to a signed request
	setup func()      // when it is installed
	// codes are the exit codes of the commands that may be right. A command that is
	// not in it is not tried.
	codes codes
	quick bool // it is part of the normal tests
}

// codes are the exit codes that may be right, by command.
type codes map[command][]int

type command string

// The commands; attached ones are given the URL of an endpoint.
const (
	run      command = "run"
	runURL   command = "run --url"
	fuzz     command = "fuzz"
	fuzzURL  command = "fuzz --url"
	rotation command = "rotate"
	sweeping command = "sweep"
	checking command = "doctor"
	checkURL command = "doctor --url"
)

var commands = []command{run, runURL, fuzz, fuzzURL, rotation, sweeping, checking, checkURL}

// Whatever is unfit to be judged ends with one of these; an endpoint that breaks what
// it has to do for valid requests may violate, too.
var (
	unjudged = []int{3, 4}
	found    = []int{1, 3, 4}
	anything = []int{0, 1, 3, 4}
	holds    = []int{0}

	unjudgedURL = []int{2, 3, 4} // an endpoint that cannot be used at all is a usage error
	mistaken    = []int{1}       // a diagnosis names a mistake
)

const head = "HTTP/1.1 401 Unauthorized\r\n"

var behaviours = []behaviour{
	// Time.
	{name: "never responds", speak: (*talk).wait, codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: found, rotation: found, sweeping: unjudged, checking: {3}}},
	{name: "a byte a second", speak: drips(head, strings.Repeat("X-Slow: yes\r\n", 100)), codes: codes{run: unjudged, fuzz: found}},
	{name: "a byte of the body a second", speak: drips(head+"Content-Length: 9000\r\n\r\n", strings.Repeat("x", 9000)), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken}},
	{name: "silent after some requests", speak: afterSome(12, (*talk).wait), codes: codes{run: found, fuzz: found, rotation: found}},
	{name: "pauses", speak: func(t *talk) { time.Sleep(300 * time.Millisecond); t.good() }, codes: codes{checking: holds}},

	// Sizes.
	{name: "endless status line", speak: endless("HTTP/1.1 200 ", "x"), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged}},
	{name: "endless header line", speak: endless(head+"X-Long: ", "x"), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged, rotation: found, sweeping: unjudged, checking: {3}}, quick: true},
	{name: "endless headers", speak: endless(head, "X-More: 1\r\n"), codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "a header of 10 MB", speak: responds(401, fields(1, 10<<20), ""), codes: codes{run: unjudged}},
	{name: "2000 fields", speak: responds(401, fields(2000, 10), ""), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken}},
	{name: "endless body", speak: endless(head+"\r\n", "x"), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged, rotation: found, sweeping: unjudged, checking: {3}}},
	{name: "endless chunks", speak: endless(head+"Transfer-Encoding: chunked\r\n\r\n", "4\r\nabcd\r\n"), codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "endless chunk extension", speak: endless(head+"Transfer-Encoding: chunked\r\n\r\n4;", "x"), codes: codes{run: unjudged}},
	{name: "7 MiB bodies", speak: func(t *talk) { t.respond(401, "", random(1<<20)+strings.Repeat("x", 6<<20)) }, codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged}},
	{name: "1 MiB bodies that differ", speak: func(t *talk) { t.respond(401, "", random(1<<20-100)) }, codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "7 MiB after valid responses", speak: every(3, func(t *talk) { t.respond(200, "", random(7<<20)) }), codes: codes{run: found, fuzz: found}},
	{name: "a length that never comes", speak: says(head + "Content-Length: 999999999999\r\n\r\nx"), codes: codes{run: unjudged, fuzz: unjudged}},

	// Codings.
	{name: "gzip bomb", speak: bomb("gzip", 300, asGzip), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged, checking: {3}}},
	{name: "brotli bomb", speak: bomb("br", 100, asBrotli), codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "deflate bomb", speak: bomb("deflate", 200, asZlib), codes: codes{run: unjudged}},
	{name: "raw deflate bomb", speak: bomb("deflate", 200, asDeflate), codes: codes{run: unjudged}},
	{name: "gzip in gzip in brotli", speak: bomb("gzip, gzip, br", 200, asGzip, asGzip, asBrotli), codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "ten codings", speak: responds(401, "Content-Encoding: "+strings.Repeat("gzip, ", 9)+"gzip\r\n", "x"), codes: codes{run: unjudged}},
	{name: "unknown coding", speak: responds(401, "Content-Encoding: zstd\r\n", "x"), codes: codes{run: unjudged}},
	{name: "a broken coding", speak: responds(401, "Content-Encoding: gzip\r\n", "\x1f\x8b\x08\x00garbage"), codes: codes{run: unjudged}},

	// Redirects.
	{name: "redirects to itself", speak: func(t *talk) { t.respond(307, "Location: "+t.request.URL.RequestURI()+"\r\n", "") }, codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "redirects without end", speak: func(t *talk) { t.respond(307, "Location: /x"+fmt.Sprint(time.Now().UnixNano())+"\r\n", "") }, codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged}},
	{name: "redirects elsewhere", speak: responds(307, "Location: http://192.0.2.1/\r\n", ""), codes: codes{run: unjudged, rotation: found}},
	{name: "redirects to a name", speak: responds(308, "Location: http://name.invalid/\r\n", ""), codes: codes{run: unjudged}},

	// Other protocols.
	{name: "garbage", speak: says("\x00\xff\xfe\x01 nothing\r\n\r\n"), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: found, rotation: found, checking: {3}}, quick: true},
	{name: "HTTP/0.9", speak: says("<html>hello</html>"), codes: codes{run: unjudged, fuzz: found}},
	{name: "HTTP/2", speak: says("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"), codes: codes{run: unjudged, fuzz: found}},
	{name: "SSH", speak: says("SSH-2.0-OpenSSH_9.9\r\n"), codes: codes{run: unjudged}},
	{name: "TLS", speak: says("\x15\x03\x01\x00\x02\x02\x28"), codes: codes{run: unjudged}},
	{name: "1xx flood", speak: endless("", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: found}},
	{name: "101", speak: says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n\x00\x01"), codes: codes{run: unjudged}},
	{name: "100 first", speak: func(t *talk) { t.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"); t.good() }, codes: codes{run: holds, fuzz: anything, checking: holds}},
	{name: "trailers", speak: says(head + "Transfer-Encoding: chunked\r\nTrailer: X-After\r\n\r\n2\r\nok\r\n0\r\nX-After: 1\r\n\r\n"), codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "two responses", speak: says(head + "Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "status 999", speak: says("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"), codes: codes{run: unjudged}},
	{name: "no status", speak: says("HTTP/1.1 \r\nContent-Length: 0\r\n\r\n"), codes: codes{run: unjudged}},
	{name: "two lengths", speak: says(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), codes: codes{run: unjudged}},

	// Connections.
	{name: "closes", speak: says(""), codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: found, rotation: found}},
	{name: "resets", speak: resets(""), codes: codes{run: unjudged, fuzz: found}},
	{name: "closes in the head", speak: says("HTTP/1.1 200 OK\r\nConte"), codes: codes{run: unjudged}},
	{name: "resets in the body", speak: resets(head + "Content-Length: 100\r\n\r\nhalf"), codes: codes{run: unjudged, fuzz: found}},
	{name: "closes every second time", speak: every(2, says("")), codes: codes{run: {0, 1, 3, 4}}},
	{name: "closes after some requests", speak: afterSome(12, says("")), codes: codes{run: found, fuzz: found, sweeping: {0, 3, 4}}},
	{name: "garbage after some requests", speak: afterSome(12, says("\x00\xff")), codes: codes{run: found, fuzz: found}},
	{name: "anything", speak: anyOf(says(""), (*talk).good, responds(200, "", "x"), responds(500, "", ""), says("\x00"), endless(head, "X: 1\r\n")), codes: codes{run: found, fuzz: found}},

	// Text.
	{name: "escapes everywhere", speak: func(t *talk) {
		t.write("HTTP/1.1 401 " + strings.NewReplacer("\r", "", "\n", "").Replace(escapes) + "\r\nX-" + "Evil: \x1b[31m\u202e\r\nConnection: close\r\n\r\n" + escapes)
	}, codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: found, rotation: found, checking: {3}}, quick: true},
	{name: "escapes in a valid response", speak: every(4, responds(200, "X-Evil: \u202e\r\n", `{"message":"`+"\u202e\u009b\x7f"+`"}`)), codes: codes{run: found, fuzz: found}},
	{name: "NULs", speak: responds(401, "", strings.Repeat("\x00", 5000)), codes: codes{run: unjudged}},
	{name: "invalid UTF-8", speak: responds(401, "X-Bad: \xff\xfe\r\n", strings.Repeat("\xff\xfe", 5000)), codes: codes{run: unjudged, fuzz: found}},
	{name: "deep JSON", speak: func(t *talk) { t.respond(401, "Content-Type: application/json\r\n", nested(`{"a":[`, `]}`, 100_000)) }, codes: codes{run: unjudged, runURL: unjudgedURL, fuzzURL: unjudged, checkURL: mistaken, fuzz: unjudged}},
	{name: "very many members", speak: func(t *talk) { t.respond(401, "Content-Type: application/json\r\n", manyMembers(50_000)) }, codes: codes{run: unjudged, fuzz: unjudged}},
	{name: "echoes the request", speak: func(t *talk) {
		t.respond(401, "", fmt.Sprint(t.request.Header, string(t.body)))
	}, codes: codes{run: found, fuzz: found}},
	{name: "tells the key", speak: func(t *talk) { t.respond(401, "X-Key: "+secrets()+"\r\n", secrets()) }, codes: codes{run: found, fuzz: found, rotation: found, checking: {3}}, quick: true},
	{name: "200 to everything", speak: responds(200, "", `{"authentication_succeeded":true}`), codes: codes{run: found, runURL: {1, 2, 3, 4}, fuzzURL: found, checkURL: mistaken, fuzz: found, rotation: found}},
	{name: "401 to everything", speak: responds(401, "", ""), codes: codes{run: unjudged, fuzz: unjudged, rotation: found}},
	{name: "500 to everything", speak: responds(500, "", "at x.js:1:1"), codes: codes{run: unjudged, fuzz: found}},

	// Processes.
	{name: "dies at once", start: exits(3), codes: codes{run: {3}, fuzz: {3}, rotation: {3}, sweeping: {3}, checking: {3}}},
	{name: "dies of some requests", speak: every(7, func(*talk) { os.Exit(7) }), codes: codes{run: found, fuzz: found, rotation: found}},
	{name: "dies of every request", speak: func(*talk) { os.Exit(7) }, codes: codes{run: found, fuzz: found, checking: {3}}},
	{name: "ignores signals", start: ignoresSignals, codes: codes{run: holds, fuzz: anything, checking: {3}}},
	{name: "a child in its group", start: func() { child(inGroup) }, codes: codes{run: holds, fuzz: anything}},
	{name: "a child that detaches", start: func() { child(detached) }, codes: codes{run: holds, fuzz: anything, rotation: anything, checking: {3}}},
	{name: "a child that detaches and clears its environment", start: func() { child(cleared) }, codes: codes{run: holds, fuzz: anything, checking: {0, 3}}},
	{name: "a child that holds the port", start: sharesPort, codes: codes{run: anything, checking: {3}}},
	{name: "a gigabyte of output", start: inBackground(prints(strings.Repeat("noise ", 10_000), 1)), codes: codes{run: anything, fuzz: anything}},
	{name: "a line of 100 MB, then death", start: func() { prints(strings.Repeat("x", 1<<20), 100)(); os.Exit(4) }, codes: codes{run: {3}, checking: {3}}},
	{name: "escapes, then death", start: func() { prints(escapes+"\n", 3)(); os.Exit(4) }, codes: codes{run: {3}, fuzz: {3}, rotation: {3}, sweeping: {3}, checking: {3}}},
	{name: "the key, then death", start: func() { prints(secrets()+"\n", 3)(); os.Exit(4) }, codes: codes{run: {3}, fuzz: {3}, rotation: {3}, sweeping: {3}, checking: {3}}},
	{name: "never listens", start: sleeps, codes: codes{run: {3}, fuzz: {3}, checking: {3}}},
	{name: "listens elsewhere", start: listensElsewhere, codes: codes{run: {3}, checking: {3}}},
	{name: "accepts and never responds", start: acceptsOnly, codes: codes{run: {3}, fuzz: {3}, checking: {3}}},
	{name: "removes its home", start: func() { _ = os.RemoveAll(os.Getenv("HOME")) }, codes: codes{run: anything}},
	{name: "fills its home with links", start: func() { _ = os.Symlink("/", os.Getenv("HOME")+"/root"); _ = os.Symlink(".", os.Getenv("HOME")+"/loop") }, codes: codes{run: anything}},

	// The stand-in API and the beacon.
	{name: "floods the beacon", start: inBackground(func() { post(beacon()+"/N{n}", "", 100_000) }), codes: codes{run: anything, fuzz: anything}},
	{name: "forges the beacon", start: inBackground(func() { post(api()+"/beacon/FORGED/N", "", 1000) }), codes: codes{run: anything}},
	{name: "floods the API", start: inBackground(func() { post(api()+"/fn/register", "{}", 1000) }), codes: codes{run: anything, fuzz: anything}},
	{name: "large bodies to the API", start: inBackground(func() { post(api()+"/fn/register", strings.Repeat("x", 8<<20), 5) }), codes: codes{run: anything}},
	{name: "slow requests to the API", start: slowly, codes: codes{run: anything}},

	// Set-up.
	{name: "set-up: escapes, then failure", setup: func() { prints(escapes+"\n", 3)(); os.Exit(4) }, codes: codes{run: {3}, fuzz: {3}, rotation: {3}, sweeping: {3}, checking: {3}}},
	{name: "set-up: a gigabyte of output", setup: func() { prints(strings.Repeat("y", 1<<20), 1000)(); os.Exit(4) }, codes: codes{run: {3}}},
	{name: "set-up: hangs", setup: sleeps, codes: codes{run: {3}, checking: {3}}},
	{name: "set-up: leaves a child", setup: func() { child(inGroup) }, codes: codes{run: holds}},
	{name: "set-up: leaves a detached child", setup: func() { child(detached) }, codes: codes{run: holds}},
}
