package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/countersign-dev/countersign/runner/page"
)

// execute is the program as a function: args as os.Args, the exit code as result.
func execute(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	a := &app{self: calledAs(args[0]), stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv}
	root := a.root()
	root.SetArgs(args[1:])
	if err := root.ExecuteContext(ctx); err != nil {
		return a.fail(err)
	}
	return a.code
}

// calledAs is how to call the program again.
func calledAs(arg string) string {
	if strings.Contains(arg, "go-build") { // built by go run, which removes it afterwards
		return "go run ./runner/cmd/countersign"
	}
	return page.Quote(arg)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "countersign",
		Short: "Tests how an Inngest SDK signs and verifies requests",
		Example: `  countersign run                                test the embedded reference
  countersign run --target inngest-js@4.24.0     install, start and test a published SDK
  countersign explain receiving.expired          what a case requires, and why`,
		Version:       versionLine(),
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.Args = func(_ *cobra.Command, args []string) error { return noCommand(root, args) }
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetUsageTemplate(usage)
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().Bool("version", false, "print the version")
	root.SetHelpTemplate("{{.Short}}.\n\n{{.UsageString}}")
	root.SetFlagErrorFunc(wrongFlag)
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return cmp.Or(noEmptyFlag(c), checkChoices(c)) }
	root.AddCommand(
		a.runCommand(), a.judgeCommand(), a.reportCommand(), a.diffCommand(), a.baselineCommand(),
		a.rotateCommand(), a.sweepCommand(), a.matrixCommand(),
		a.fuzzCommand(), a.replayCommand(), a.promoteCommand(), a.mergeCommand(),
		a.listCommand(), a.explainCommand(),
		a.initCommand(), a.doctorCommand(), a.targetsCommand(),
		a.verifyCommand(), a.signCommand(), a.sendCommand(), a.keysCommand(),
		a.vectorsCommand(), a.manCommand(), a.versionCommand(),
	)
	completionCommand(root)
	completeFlags(root)
	return root
}

const usage = `{{if .HasExample}}Examples:
{{.Example}}

{{end}}{{with .Long}}{{.}}

{{end}}Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{if .HasAvailableSubCommands}}
Commands:
{{range .Commands}}{{if .IsAvailableCommand}}  {{rpad .Name .NamePadding}}  {{.Short}}
{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages}}{{end}}`

func noCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return page.Usage(page.DidYouMean(args[0], names, "`countersign --help` lists the commands"), "there is no command %q", args[0])
}

func wrongFlag(c *cobra.Command, err error) error {
	hint := "`" + c.CommandPath() + " --help` lists the flags"
	if unknown, is := strings.CutPrefix(err.Error(), "unknown flag: "); is {
		var flags []string
		c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, "--"+f.Name) })
		hint = page.DidYouMean(unknown, flags, hint)
	}
	return page.Usage(hint, "%v", err)
}

// noEmptyFlag refuses a flag with an empty value: `--url "$URL"`, where the
// variable is not set, must not test another target.
func noEmptyFlag(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" {
			err = page.Usage("leave the flag out, or give it a value", "--%s is empty", f.Name)
		}
	})
	return err
}

// fail writes an error and gives its exit code. What cobra itself finds wrong
// is always about usage.
func (a *app) fail(err error) int {
	var described *page.Error
	var unwritten *fs.PathError
	switch isDescribed := errors.As(err, &described); {
	case isDescribed:
	case errors.Is(err, syscall.EPIPE): // whoever reads has seen enough, as `head` has
		return a.code
	case errors.As(err, &unwritten) && unwritten.Op == "write":
		described = page.CouldNotJudge("", "%v", err)
	default:
		sentence, _, _ := strings.Cut(err.Error(), "\n")
		described = page.Usage("`countersign --help` lists the commands", "%s", sentence)
	}
	_ = described.Write(a.stderr, "countersign") // there is nowhere else to report an error
	return described.Code
}
