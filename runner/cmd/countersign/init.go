package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/starter"
)

func (a *app) initCommand() *cobra.Command {
	var language string
	command := &cobra.Command{
		Use: "init --language LANGUAGE DIR", Short: "Writes a target to start from: a commented target.yaml and an app that runs",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return page.Usage("for example countersign init --language python ./my-sdk", "init takes one folder, not %d", len(args))
			}
			return nil
		},
		Long: "The app serves the published SDK of a language. Edit the lines with EDIT to judge another one.\n" +
			"No file is replaced.",
		Example: `  countersign init --language python ./my-sdk
  countersign doctor --target ./my-sdk     does the app keep the contract?
  countersign run --target ./my-sdk        the verdict`,
		RunE: func(_ *cobra.Command, args []string) error { return a.init(language, args[0]) },
	}
	command.Flags().StringVar(&language, "language", "", "the `LANGUAGE` of the SDK: "+strings.Join(starter.Languages(), ", "))
	return command
}

func (a *app) init(language, folder string) error {
	if language == "" {
		return page.Usage("add --language and one of "+strings.Join(starter.Languages(), ", "), "init requires --language")
	}
	written, err := starter.Write(language, folder)
	if err != nil {
		return err
	}
	out := page.New(a.stdout, a.style(a.stdout, false))
	for _, name := range written {
		out.Line(page.Text("wrote " + filepath.Join(folder, name)))
	}
	target := asPath(folder)
	out.Line()
	out.Command("edit", "the lines with EDIT in these files")
	out.Command("check it", a.self+" doctor --target "+page.Quote(target))
	out.Command("judge it", a.self+" run --target "+page.Quote(target)+" --tier smoke")
	return out.Flush("the files")
}

// asPath makes a folder unlike the name of a built-in target.
func asPath(folder string) string {
	if filepath.IsAbs(folder) || strings.HasPrefix(folder, ".") {
		return folder
	}
	return "." + string(filepath.Separator) + folder
}
