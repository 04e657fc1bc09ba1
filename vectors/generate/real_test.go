package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// hopByHop are the fields that are not part of a message: whoever sends it adds them.
var hopByHop = []string{"connection", "content-length", "host"}

// shape is what requests have in common: the names of header fields, and of the
// members of their bodies and of ctx.
func shape(header []string, body []byte) map[string]bool {
	names := map[string]bool{}
	for _, name := range header {
		if name = strings.ToLower(name); !slices.Contains(hopByHop, name) {
			names[name] = true
		}
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) == nil {
		for name := range members {
			names["body."+name] = true
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(members["ctx"], &inner) == nil {
			for name := range inner {
				names["body.ctx."+name] = true
			}
		}
	}
	return names
}

// What the suite sends has what every recorded request of its kind has, and nothing
// that none of them has.
func TestOurRequestsHaveTheRecordedShape(t *testing.T) {
	file, err := vectors.Load[vectors.Real]()
	if err != nil {
		t.Fatal(err)
	}
	for kind, ours := range map[string]struct {
		cloud, dev suite.Stimulus
	}{
		"call": {suite.Call{}, suite.Call{Unsigned: true}},
		"sync": {suite.InBandSync{}, nil},
	} {
		for mode, stimulus := range map[string]suite.Stimulus{"cloud": ours.cloud, "dev": ours.dev} {
			recorded, all := []map[string]bool{}, map[string]bool{}
			for _, v := range file.Vectors {
				signed := v.Result != "unsigned"
				if v.Kind != kind || v.Mode != mode || signed != (mode == "cloud") {
					continue
				}
				var header []string
				for _, field := range v.Headers {
					header = append(header, field.Name)
				}
				body, err := v.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				recorded = append(recorded, shape(header, body))
				maps.Copy(all, recorded[len(recorded)-1])
			}
			if stimulus == nil {
				continue
			}
			if len(recorded) == 0 {
				t.Fatalf("no %s of %s mode is recorded", kind, mode)
			}
			made := scene
			made.ServerKind = mode
			request := suite.Make(stimulus, made).Request
			var header []string
			for _, field := range request.Header {
				header = append(header, field.Name)
			}
			got := shape(header, request.Body)
			for name := range all {
				if everyHas(recorded, name) && !got[name] {
					t.Errorf("%s, %s: every recorded one has %s, and ours has not", kind, mode, name)
				}
			}
			for name := range got {
				if !all[name] && !(kind == "sync" && name == "x-inngest-sync-kind") { // no in-band sync is recorded
					t.Errorf("%s, %s: ours has %s, and no recorded one has it", kind, mode, name)
				}
			}
		}
	}
}

func everyHas(recorded []map[string]bool, name string) bool {
	return !slices.ContainsFunc(recorded, func(names map[string]bool) bool { return !names[name] })
}

// No request to a target in dev mode names the cloud.
func TestDevSetupsSayNothingOfCloud(t *testing.T) {
	checked := 0
	for _, c := range suite.Catalogue() {
		if !c.Given.Dev() || strings.Contains(c.ID, "server-kind") { // those are about that header
			continue
		}
		checked++
		made := scene
		made.ServerKind = c.Given.ServerKind()
		for _, field := range suite.Make(c.When, made).Request.Header {
			if strings.EqualFold(field.Value, suite.ServerKindCloud) {
				t.Errorf("%s sends %s: %s", c.ID, field.Name, field.Value)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d cases are in dev mode", checked)
	}
}
