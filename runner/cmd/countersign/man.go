package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/countersign-dev/countersign/runner/page"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Writes the manual pages, one for each command",
		Example: "  countersign man ~/.local/share/man/man1\n  man countersign-run",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return page.Usage("for example ~/.local/share/man/man1", "man takes one folder, not %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.man(c.Root(), args[0]) },
	}
}

func (a *app) man(root *cobra.Command, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return page.CouldNotJudge("", "the manual pages cannot be written: %v", err)
	}
	root.DisableAutoGenTag = true
	date := time.Unix(0, 0).UTC() // the same pages from the same program
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: versionLine(), Manual: "Countersign", Date: &date}, folder); err != nil {
		return page.CouldNotJudge("", "the manual pages cannot be written: %v", err)
	}
	pages, err := filepath.Glob(filepath.Join(folder, "countersign*.1"))
	if err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	for _, name := range pages {
		if _, err := fmt.Fprintln(a.stdout, name); err != nil {
			return page.CouldNotJudge("", "%v", err)
		}
	}
	return nil
}
