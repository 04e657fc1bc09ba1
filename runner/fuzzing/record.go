package fuzzing

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/strictjson"
)

// recordSchema names the format of campaign.json.
const recordSchema = "urn:countersign:fuzz-campaign:2"

// recordFile is the record's name in the folder of findings.
const recordFile = "campaign.json"

// Record is the result of one campaign, of one shard of it, or of all its shards.
type Record struct {
	Schema      string   `json:"schema"`
	Target      string   `json:"target"`
	Seed        uint64   `json:"seed"`
	Shard       uint64   `json:"shard"`     // from 1 to Shards; 0 where all were merged
	Shards      uint64   `json:"shards"`    // how many there are
	Requested   uint64   `json:"requested"` // indexes in all shards together; 0 where time was the only limit
	For         string   `json:"for"`       // how long each shard was to draw: "1m0s"; empty where time was no limit
	Indexes     uint64   `json:"indexes"`
	Requests    int      `json:"requests"`
	Behaviours  int      `json:"behaviours"`
	Unconfirmed int      `json:"unconfirmed"`
	Findings    []string `json:"findings"`
	Void        string   `json:"void"`
	Incomplete  string   `json:"incomplete"`
	// Drawn and Complete are set where shards were merged: how many indexes each
	// drew, in order, and the index below which none is missing. Shards that are
	// limited by time draw different numbers of them, so beyond Complete some were
	// drawn and some were not.
	Drawn    []uint64 `json:"drawn,omitempty"`
	Complete uint64   `json:"complete,omitempty"`
}

// ByTime reports whether time was the only limit.
func (r Record) ByTime() bool { return r.Requested == 0 }

// limit says how much was to be drawn.
func (r Record) limit() string {
	if r.ByTime() {
		return "until its time was over (" + r.For + ")"
	}
	return fmt.Sprintf("%d requests in all", r.Requested)
}

// Share is how many of the requests in all shards are one shard's.
func Share(requests, shard, shards uint64) uint64 {
	own := requests / shards
	if requests%shards >= shard {
		own++
	}
	return own
}

func newRecord(o Options, c live.Campaign) Record {
	r := Record{
		Schema: recordSchema, Target: o.Target, Seed: o.Seed, Shard: max(o.Shard, 1), Shards: max(o.Shards, 1), Requested: o.Requests,
		Indexes: c.Indexes, Requests: c.Requests, Behaviours: c.Behaviours, Unconfirmed: len(c.Unconfirmed), Findings: []string{}, Void: c.Void, Incomplete: c.Incomplete,
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
		err = os.MkdirAll(folder, page.FolderMode)
	}
	if err == nil {
		err = write(filepath.Join(folder, recordFile), encoded)
	}
	if err != nil {
		return fmt.Errorf("saving the record of a campaign: %w", err)
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
	if err := checkSchema(text, recordSchema); err != nil {
		return Record{}, fmt.Errorf("reading the record in %s: %w", folder, err)
	}
	if err := strictjson.Unmarshal(text, &r); err != nil {
		return Record{}, fmt.Errorf("reading the record in %s: %w", folder, err)
	}
	return r, nil
}

// checkSchema says what is wrong with the schema of a JSON text, before any of
// its other members is.
func checkSchema(text []byte, want string) error {
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return err
	}
	if head.Schema != want {
		return fmt.Errorf("its schema is %q, not %s", head.Schema, want)
	}
	return nil
}
