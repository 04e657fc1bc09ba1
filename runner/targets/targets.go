// Package targets holds the built-in targets: one folder each, with target.yaml,
// README.md and app/.
package targets

import "embed"

// Files are the folders of the built-in targets.
//
//go:embed */target.yaml */README.md */app
var Files embed.FS
