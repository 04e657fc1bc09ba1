//go:build ignore

// setup builds the app with one version of inngestgo into a folder:
//
//	go run setup.go -app APP -into FOLDER 0.16.0
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	module = "github.com/inngest/inngestgo"
	// constraint keeps the app out of the module that its files are stored in.
	constraint = "//go:build ignore\n"
)

func main() {
	log.SetFlags(0)
	app := flag.String("app", ".", "the folder of the app's sources")
	into := flag.String("into", "", "the folder to build in")
	flag.Parse()
	if *into == "" || flag.NArg() != 1 {
		log.Fatal("usage: go run setup.go -app APP -into FOLDER VERSION")
	}
	if err := build(*app, *into, flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

// build writes a module with the app's sources, and builds it.
func build(app, folder, version string) error {
	sources, err := sourcesFor(version)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making the folder to build in: %w", err)
	}
	for _, name := range sources {
		text, err := os.ReadFile(filepath.Join(app, name))
		if err != nil {
			return fmt.Errorf("reading the app: %w", err)
		}
		text = bytes.TrimPrefix(text, []byte(constraint))
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return fmt.Errorf("writing the app: %w", err)
		}
	}
	for _, arguments := range [][]string{
		{"mod", "init", "countersign-target"},
		{"get", module + "@v" + version},
		{"build", "-mod=mod", "-o", "target", "."}, // -mod=mod: go.sum is completed by what is built
	} {
		if err := run(folder, arguments...); err != nil {
			return err
		}
	}
	return nil
}

// sourcesFor names the files of the app that fit a version's API.
func sourcesFor(version string) ([]string, error) {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d.", &major, &minor); err != nil {
		return nil, fmt.Errorf("%q is not a version like 0.16.0", version)
	}
	before := func(limit int) bool { return major == 0 && minor < limit }
	handler, input := "handler_0_15.go", "input_0_11.go"
	switch {
	case before(8):
		handler = "handler_0_7.go"
	case before(15):
		handler = "handler_0_8.go"
	}
	if before(11) {
		input = "input_0_7.go"
	}
	sources := []string{"main.go", "worker.go", handler, input}
	if !before(8) {
		sources = append(sources, "worker_0_8.go")
	}
	return sources, nil
}

// run runs a go command in a folder, outside of any workspace and without cgo.
func run(folder string, arguments ...string) error {
	command := exec.Command("go", arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOWORK=off", "GO111MODULE=on", "CGO_ENABLED=0")
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("go %s: %w", arguments[0], err)
	}
	return nil
}
