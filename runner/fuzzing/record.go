package fuzzing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/countersign-dev/countersign/fuzz/live"
)

// recordSchema names the format of campaign.json.
const recordSchema = "urn:countersign:fuzz-campaign:1"

// recordFile is the record's name in the folder of findings.
const recordFile = "campaign.json"

// Record is what one campaign, or one shard of it, came to.
type Record struct {
	Schema      string   `json:"schema"`
	Target      string   `json:"target"`
	Seed        uint64   `json:"seed"`
	Shard       uint64   `json:"shard"`  // of Shards, from 1; 0 where all were joined
	Shards      uint64   `json:"shards"` // how many there are
	Asked       uint64   `json:"asked"`  // indexes in all shards together; 0 where time was the only limit
	For         string   `json:"for"`    // how long each shard was to draw: "1m0s"; empty where time was no limit
	Indexes     uint64   `json:"indexes"`
	Requests    int      `json:"requests"`
	Interesting int      `json:"interesting"`
	Unconfirmed int      `json:"unconfirmed"`
	Findings    []string `json:"findings"`
	Void        string   `json:"void"`
	Incomplete  string   `json:"incomplete"`
	// Drawn and Complete stand where all shards were joined: how many indexes each
	// drew, in turn, and the index below which none is missing. Shards that are
	// bounded by time do not draw alike, so some beyond it were drawn, and some not.
	Drawn    []uint64 `json:"drawn,omitempty"`
	Complete uint64   `json:"complete,omitempty"`
}

// ByTime: time was the only limit.
func (r Record) ByTime() bool { return r.Asked == 0 }

// bound says how much was to be drawn.
func (r Record) bound() string {
	if r.ByTime() {
		return "until its time was over (" + r.For + ")"
	}
	return fmt.Sprintf("%d requests in all", r.Asked)
}

// Share is how many of the requests asked for are a shard's.
func Share(asked, shard, shards uint64) uint64 {
	share := asked / shards
	if asked%shards >= shard {
		share++
	}
	return share
}

// NewRecord is the record of a campaign.
func NewRecord(target string, o live.Options, c live.Campaign) Record {
	r := Record{
		Schema: recordSchema, Target: target, Seed: o.Seed, Shard: max(o.Shard, 1), Shards: max(o.Shards, 1), Asked: o.Requests,
		Indexes: c.Indexes, Requests: c.Requests, Interesting: c.Interesting, Unconfirmed: len(c.Unconfirmed), Findings: []string{}, Void: c.Void, Incomplete: c.Incomplete,
	}
	if o.For > 0 {
		r.For = o.For.String()
	}
	for _, f := range c.Findings {
		r.Findings = append(r.Findings, f.Name())
	}
	slices.Sort(r.Findings)
	return r
}

// Save writes the record into a folder.
func (r Record) Save(folder string) error {
	encoded, err := indented(r)
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = replace(filepath.Join(folder, recordFile), encoded)
	}
	if err != nil {
		return fmt.Errorf("writing the record of a campaign: %w", err)
	}
	return nil
}

// ReadRecord reads the record in a folder.
func ReadRecord(folder string) (Record, error) {
	text, err := os.ReadFile(filepath.Join(folder, recordFile))
	if err != nil {
		return Record{}, fmt.Errorf("reading the record of a campaign: %w", err)
	}
	var r Record
	if err := strictly(text, &r); err != nil {
		return Record{}, fmt.Errorf("reading the record in %s: %w", folder, err)
	}
	if r.Schema != recordSchema {
		return Record{}, fmt.Errorf("reading the record in %s: its schema is %q, not %s", folder, r.Schema, recordSchema)
	}
	return r, nil
}

// strictly decodes one JSON value and refuses what it does not know.
func strictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the value")
	}
	return nil
}
