// Package fuzzing runs fuzz campaigns and keeps their results on disk: findings
// as folders, the corpus of a target, and the record of a campaign, so that the
// shards of one campaign can be merged.
package fuzzing
