// Package live fuzzes live endpoints: it sends requests that deviate from valid
// ones, and compares what is observed with what the specification requires.
package live
