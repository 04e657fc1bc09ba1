module github.com/countersign-dev/countersign

// No patch level: a module that says `go 1.25` can import ours and stays as it
// is. So every module required here says go 1.25 or less, which holds some of
// them at the last release that does. Tools are pinned in .ci/tools/go.mod.
go 1.25

require (
	github.com/Masterminds/semver/v3 v3.5.0 // versions of targets: ranges, since, before
	github.com/andybalholm/brotli v1.2.0 // opens responses in brotli, to look for secrets in them
	github.com/coder/websocket v1.8.14 // the gateway of workers that connect, and the reference as one of them
	github.com/go-json-experiment/json v0.0.0-20251027170946-4849db3c2f7e // RFC 8785, strict and fast
	github.com/goccy/go-yaml v1.19.2 // target descriptions and baselines, strictly; errors name line and column
	github.com/gowebpki/jcs v1.0.2 // tests: a second implementation of RFC 8785 to compare with; strict since 1.0.2
	github.com/onsi/ginkgo/v2 v2.28.2 // tests, and suite/specs for Go developers
	github.com/onsi/gomega v1.42.0 // tests: matchers that show what differs
	github.com/owenrumney/go-sarif/v3 v3.3.1 // SARIF 2.1.0: the types, and what of them is required
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests: validates vectors and reports against the published schemas
	github.com/spf13/cobra v1.10.2 // the command line: flags and help
	github.com/spf13/pflag v1.0.9 // comes with cobra: lists the known flags, to suggest the one that was meant
	golang.org/x/net v0.50.0 // netutil: a limit of connections to the stand-in API
	golang.org/x/term v0.40.0 // whether the output is a terminal, and its width
	golang.org/x/text v0.34.0 // character sets, to recognise bodies that were converted after they were signed
	golang.org/x/time v0.14.0 // a limit of requests per second to an endpoint that is not ours
	google.golang.org/protobuf v1.36.11 // protowire: the messages between a worker and its gateway
	pgregory.net/rapid v1.3.0 // property tests that shrink their failures
)

require (
	github.com/cpuguy83/go-md2man/v2 v2.0.6 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-task/slim-sprig/v3 v3.0.0 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/google/pprof v0.0.0-20260402051712-545e8a4df936 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/xeipuuv/gojsonpointer v0.0.0-20180127040702-4e3ac2762d5f // indirect
	github.com/xeipuuv/gojsonreference v0.0.0-20180127040603-bd5ef7bd5415 // indirect
	github.com/xeipuuv/gojsonschema v1.2.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/mod v0.33.0 // indirect
	golang.org/x/sync v0.19.0 // indirect
	golang.org/x/sys v0.41.0 // indirect
	golang.org/x/tools v0.42.0 // indirect
)
