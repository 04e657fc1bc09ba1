package main

import (
	"context"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

// bench is a lab that is ready to judge in, and what a report says of it.
type bench struct {
	lab     engine.Lab
	close   func()
	target  report.Target
	command string // judges the same target again
}

// open makes the lab ready that the flags ask for.
func (a *app) open(ctx context.Context, f runFlags, p *report.Progress) (bench, error) {
	switch {
	case f.url != "":
		return a.attach(ctx, f, p)
	case f.target != "":
		return a.launch(ctx, f, p)
	}
	lab := launch.Embedded(launch.Options{Seed: f.seed, KeepAlive: f.keepAlive})
	_, release, _ := strings.Cut(reference.SDK, ":v")
	return bench{lab, lab.Close, report.Target{Name: "reference", Version: release, Kind: report.Embedded}, a.self + " run"}, nil
}

func (a *app) launch(ctx context.Context, f runFlags, p *report.Progress) (bench, error) {
	name, asked := splitVersion(f.target)
	if asked == "" && strings.HasSuffix(f.target, "@") {
		return bench{}, page.Usage("leave the @ out for the default version", "--target %s names no version behind its @", f.target)
	}
	described, err := launch.Find(name)
	if err != nil {
		return bench{}, err
	}
	lab, err := launch.New(described, asked, launch.Options{Seed: f.seed, KeepAlive: f.keepAlive})
	if err != nil {
		return bench{}, err
	}
	p.Say("making %s ready; the first time it is installed", lab.Name())
	if err := lab.Prepare(ctx); err != nil {
		lab.Close()
		return bench{}, err
	}
	again := name
	if lab.Version() != "" {
		again += "@" + lab.Version()
	}
	return bench{
		lab: lab, close: lab.Close, target: report.Target{Name: described.Name, Version: lab.Version(), Kind: report.Launched},
		command: a.self + " run --target " + page.Quote(again),
	}, nil
}

// splitVersion cuts "@4.24.0" off a name, or off the last part of a path.
func splitVersion(text string) (name, release string) {
	at := strings.LastIndexByte(text, '@')
	if at <= strings.LastIndexByte(text, '/') {
		return text, ""
	}
	return text[:at], text[at+1:]
}

func (a *app) attach(ctx context.Context, f runFlags, p *report.Progress) (bench, error) {
	keys, err := launch.ReadKeys(a.getenv, f.keyFile)
	if err != nil {
		return bench{}, err
	}
	p.Say("looking at %s", f.url)
	lab, err := launch.Attach(ctx, f.url, keys, launch.AttachOptions{AllowSync: f.allowSync, AllowRemote: f.allowRemote, Seed: f.seed})
	if err != nil {
		return bench{}, err
	}
	return bench{
		lab: lab, close: lab.Close, target: report.Target{Name: "your endpoint", Kind: report.Attached, URL: f.url},
		command: a.self + " run --url " + page.Quote(f.url) + f.attachFlags(),
	}, nil
}

// attachFlags are the flags that it takes to attach once more.
func (f runFlags) attachFlags() string {
	var flags []string
	if f.keyFile != "" {
		flags = append(flags, " --key-file "+page.Quote(f.keyFile))
	}
	if f.allowSync {
		flags = append(flags, " --allow-sync")
	}
	if f.allowRemote {
		flags = append(flags, " --allow-remote")
	}
	return strings.Join(flags, "")
}
