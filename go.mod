module github.com/countersign-dev/countersign

go 1.26.8

require (
	github.com/Masterminds/semver/v3 v3.5.0 // versions of targets: ranges, since, before
	github.com/goccy/go-yaml v1.19.2 // target descriptions and baselines, strictly; errors tell line and column
	github.com/gowebpki/jcs v1.0.2 // tests: an independent canonicaliser to agree with; strict since 1.0.2
	github.com/onsi/ginkgo/v2 v2.34.0 // behaviour as sentences, and the specs for Go developers
	github.com/onsi/gomega v1.44.0 // matchers that show what differs; the catalogue's expectations
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests: an independent judge of the published schemas, of vectors and reports
	github.com/spf13/cobra v1.10.2 // the command line: flags and help
	github.com/spf13/pflag v1.0.9 // goes with cobra: the flags there are, to name the one that was meant
	golang.org/x/term v0.47.0 // is this a terminal, and how wide is it?
	pgregory.net/rapid v1.3.0 // property tests that shrink; well kept
)

require (
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/go-json-experiment/json v1.27.2 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-task/slim-sprig/v3 v3.0.0 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/google/pprof v0.0.0-20260402051712-545e8a4df936 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/mod v0.41.0 // indirect
	golang.org/x/net v0.59.0 // indirect
	golang.org/x/sync v0.23.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	honnef.co/go/tools v0.8.2 // indirect
)

tool honnef.co/go/tools/cmd/staticcheck
