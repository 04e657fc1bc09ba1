package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/report"
)

// version overrides the version in the build information, for builds outside a
// repository: -ldflags "-X main.version=v1.2.3".
var version string

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Prints the version", Args: cobra.NoArgs,
		Example: "  countersign version",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.stdout, versionLine())
			return err
		},
	}
}

// versionLine is what `countersign version` and `countersign --version` print.
func versionLine() string {
	return fmt.Sprintf("countersign %s, %s %s/%s", tool().Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// tool is this program, as reports name it. Its version is a tag, or the
// pseudo-version of a commit, when Go built it from a module or a repository.
func tool() report.Tool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return report.Tool{Name: "countersign", Version: cmp.Or(version, info.Main.Version, "(devel)")}
}
