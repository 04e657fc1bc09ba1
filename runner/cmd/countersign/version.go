package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/report"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version string

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Prints the version", Args: cobra.NoArgs,
		Example: "  countersign version",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.stdout, "countersign %s, %s %s/%s\n", tool().Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// tool is this program, as reports name it.
func tool() report.Tool {
	named := version
	if info, ok := debug.ReadBuildInfo(); ok && named == "" {
		named = info.Main.Version
	}
	return report.Tool{Name: "countersign", Version: cmp.Or(named, "(devel)")}
}
