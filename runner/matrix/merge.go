package matrix

import (
	"encoding/json"
	"os"
	"slices"

	"github.com/countersign-dev/countersign/runner/page"
)

// Merge joins the JSON reports of all shards of one matrix.
func Merge(files []string) (Matrix, error) {
	var shards []Matrix
	for _, file := range files {
		m, err := readJSON(file)
		if err != nil {
			return Matrix{}, err
		}
		shards = append(shards, m)
	}
	if err := sameMatrix(files, shards); err != nil {
		return Matrix{}, err
	}
	if err := complete(files, shards); err != nil {
		return Matrix{}, err
	}
	merged := shards[0]
	merged.Columns, merged.Shard = nil, Shard{1, 1}
	for _, target := range merged.Targets {
		for _, shard := range shards {
			if i := slices.IndexFunc(shard.Columns, func(c Column) bool { return c.Target == target }); i >= 0 {
				merged.Columns = append(merged.Columns, shard.Columns[i])
			}
		}
	}
	if len(merged.Columns) != len(merged.Targets) {
		return Matrix{}, page.Usage("run the shards again", "the shards hold %d columns for %s", len(merged.Columns), page.Count(len(merged.Targets), "target"))
	}
	merged.Conclusion = merged.conclude()
	return merged, nil
}

// sameMatrix checks that the shards are of one matrix.
func sameMatrix(files []string, shards []Matrix) error {
	for i, shard := range shards {
		switch first := shards[0]; {
		case !shard.Plan.equal(first.Plan):
			return page.Usage("give every shard the same flags and the same --seed", "%s and %s were judged with different options", files[0], files[i])
		case !slices.Equal(shard.Targets, first.Targets):
			return page.Usage("name the same targets and versions for every shard", "%s and %s have different targets", files[0], files[i])
		}
	}
	return nil
}

// complete checks that each shard is there exactly once.
func complete(files []string, shards []Matrix) error {
	of := shards[0].Shard.Of
	from := map[int]string{}
	for i, shard := range shards {
		if shard.Shard.Of != of {
			return page.Usage("merge the shards of one run", "%s is shard %s, %s is shard %s", files[0], shards[0].Shard, files[i], shard.Shard)
		}
		if other, twice := from[shard.Shard.Index]; twice {
			return page.Usage("name each shard once", "%s and %s are both shard %s", other, files[i], shard.Shard)
		}
		from[shard.Shard.Index] = files[i]
	}
	for index := 1; index <= of; index++ {
		if from[index] == "" {
			return page.Usage("name the reports of all shards", "shard %s is missing", Shard{index, of})
		}
	}
	return nil
}

func readJSON(file string) (m Matrix, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return m, page.Usage("--merge takes the JSON reports of shards", "the report cannot be read: %v", err)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Schema != schemaName || m.Shard.Of < 1 {
		return m, page.Usage("write it with --shard I/N --report json=FILE", "%s is not the JSON report of a matrix", file)
	}
	return m, nil
}
