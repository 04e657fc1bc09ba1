// Package fuzzing keeps on disk what fuzzing brings: findings as folders, the
// corpus of a target, and the record of a campaign, so that shards of one
// campaign can be joined.
package fuzzing
