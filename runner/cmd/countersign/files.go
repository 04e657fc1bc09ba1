package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// output is one --report FORMAT=FILE.
type output struct {
	write func(io.Writer, report.Report) error
	file  string // "-" is standard output
}

func parseOutputs(texts []string) ([]output, error) {
	var outputs []output
	for _, text := range texts {
		o, err := parseOutput(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(outputs, func(other output) bool { return other.file == o.file }) {
			return nil, page.Usage("give each report a file of its own", "two reports would be written to %s", o.file)
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

func parseOutput(text string) (output, error) {
	known := slices.Sorted(maps.Keys(report.Formats))
	format, file, both := strings.Cut(text, "=")
	if !both || file == "" {
		return output{}, page.Usage("write it as --report json=FILE; - is standard output", "--report %q names no file", text)
	}
	write, there := report.Formats[format]
	if !there {
		return output{}, page.Usage("the formats are: "+strings.Join(known, ", "), "there is no report format %q", format)
	}
	if file != "-" {
		folder, err := os.Stat(filepath.Dir(file))
		if err != nil || !folder.IsDir() {
			return output{}, page.Usage("make the folder first", "the report cannot be written: there is no folder %s", filepath.Dir(file))
		}
		if there, err := os.Stat(file); err == nil && there.IsDir() {
			return output{}, page.Usage("name a file in it", "the report cannot be written: %s is a folder", file)
		}
	}
	return output{write, file}, nil
}

func toStdout(outputs []output) bool {
	return slices.ContainsFunc(outputs, func(o output) bool { return o.file == "-" })
}

// save writes a report whole or not at all.
func (o output) save(r report.Report, stdout io.Writer) error {
	if o.file == "-" {
		return o.write(stdout, r)
	}
	return page.WriteFile(o.file, func(w io.Writer) error { return o.write(w, r) })
}
