// Package launch starts targets: it installs an SDK's release, starts its app in
// the set-ups that cases need, and attaches to endpoints that are already running.
//
// Every wait has a limit (package suite/limits names them), and every process that was
// started is stopped: by [Lab.Close], and on Linux also when this process is killed.
package launch
