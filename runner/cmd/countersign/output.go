package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// output is one --report FORMAT=FILE of a command whose result is a T.
type output[T any] struct {
	write func(io.Writer, T) error
	file  string // "-" is standard output
}

// formats are the formats of a command's results, by name.
type formats[T any] map[string]func(io.Writer, T) error

func (f formats[T]) parse(texts []string) ([]output[T], error) {
	var outputs []output[T]
	for _, text := range texts {
		o, err := f.parseOne(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(outputs, func(other output[T]) bool { return other.file == o.file }) {
			return nil, page.Usage("give each report a file of its own", "two reports would be written to %s", o.file)
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

func (f formats[T]) parseOne(text string) (output[T], error) {
	names := slices.Sorted(maps.Keys(f))
	format, file, _ := strings.Cut(text, "=")
	write, known := f[format]
	switch {
	case !known && file == "":
		return output[T]{}, page.Usage(fmt.Sprintf("write it as --report %s=FILE; - is standard output", names[0]), "--report %q has no file", text)
	case !known:
		return output[T]{}, page.NoSuch("report format", format, names)
	case file == "":
		return output[T]{}, page.Usage(fmt.Sprintf("write it as --report %s=FILE; - is standard output", format), "--report %q has no file", text)
	}
	return output[T]{write, file}, checkFile(file)
}

// checkFile finds out before a run that its report can't be written.
func checkFile(file string) error {
	if file == "-" {
		return nil
	}
	folder, err := os.Stat(filepath.Dir(file))
	if err != nil || !folder.IsDir() {
		return page.Usage("create the folder first", "the report cannot be written: there is no folder %s", filepath.Dir(file))
	}
	if found, err := os.Stat(file); err == nil && found.IsDir() {
		return page.Usage("name a file in it", "the report cannot be written: %s is a folder", file)
	}
	return nil
}

// publish writes the reports and the summary of a result, and sets the exit code.
// The summary goes to standard error where a report goes to standard output.
func publish[T any](a *app, outputs []output[T], result T, summary func(io.Writer, T, page.Style) error, c report.Conclusion, noColor bool) error {
	stream := a.stdout
	var failed error
	for _, o := range outputs { // one that cannot be written loses nothing else
		write := func(w io.Writer) error { return o.write(w, result) }
		var err error
		if o.file == "-" {
			stream, err = a.stderr, write(a.stdout)
		} else {
			err = page.WriteFile(o.file, write)
		}
		failed = errors.Join(failed, err)
	}
	a.code = c.ExitCode
	failed = errors.Join(failed, summary(stream, result, a.style(stream, noColor)))
	if failed != nil {
		return page.CouldNotJudge("the result itself is: "+c.Verdict, "%s", strings.ReplaceAll(failed.Error(), "\n", "; "))
	}
	return nil
}
