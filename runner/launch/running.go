package launch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// runningFolder is in the cache. For each target that runs there is a file in it, which
// its runner keeps locked: a file that nobody locks is of a runner that was killed.
const runningFolder = "running"

// homePrefix is how the name of a target's home begins.
const homePrefix = "countersign-"

// leftover is what such a file holds.
type leftover struct {
	Group int    `json:"group"` // the target's process group
	Since string `json:"since"` // when that began, as the system says it; empty where it does not
	Mark  string `json:"mark"`  // the variable that only this target's processes have
	Home  string `json:"home"`
}

// root is the cache folder.
func (l *Lab) root() string { return filepath.Dir(l.store) }

// register notes a target that is about to start, for the runs after this one. Where
// nothing can be written, nothing is noted.
func (t *launched) register(root string) {
	folder := filepath.Join(root, runningFolder)
	if os.MkdirAll(folder, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(folder, "target-*")
	if err != nil {
		return
	}
	if t.running = file; lockFile(file) != nil || !t.note(leftover{Mark: t.mark(), Home: t.home}) {
		t.unregister()
		t.running = nil
	}
}

// registerProcess notes the process of a target that is registered.
func (t *launched) registerProcess() {
	if pid := t.process.command.Process.Pid; t.running != nil {
		t.note(leftover{pid, beganAt(pid), t.mark(), t.home})
	}
}

// note writes what would be left of a target. It only ever gets longer, so that nothing
// of what was there before remains.
func (t *launched) note(left leftover) bool {
	text, err := json.Marshal(left)
	if err == nil {
		_, err = t.running.WriteAt(text, 0)
	}
	return err == nil
}

func (t *launched) unregister() {
	if t.running != nil {
		_ = os.Remove(t.running.Name())
		_ = t.running.Close()
	}
}

// cleaned are the cache folders that were looked through by this process.
var cleaned sync.Map

// cleanUp ends what the targets of runners that were killed have left running, and
// removes their homes, once for each cache folder.
func cleanUp(root string) {
	if _, done := cleaned.LoadOrStore(root, true); done {
		return
	}
	files, _ := filepath.Glob(filepath.Join(root, runningFolder, "target-*")) // without the folder there are none
	for _, name := range files {
		file, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if lockFile(file) == nil {
			var left leftover
			if text, err := os.ReadFile(name); err == nil && json.Unmarshal(text, &left) == nil {
				left.end()
			}
			_ = os.Remove(name)
		}
		_ = file.Close()
	}
}

// end kills what is left. A file in the cache can be wrong, so it is looked closely
// whether a process or a folder is what it says.
func (left leftover) end() {
	if strings.HasPrefix(left.Mark, "COUNTERSIGN_BEACON=http://"+loopback+":") {
		killOrphans(left.Mark)
	}
	if left.Since != "" {
		killLeftGroup(left.Group, left.Since)
	}
	if inside := filepath.Base(left.Home); strings.HasPrefix(inside, homePrefix) && filepath.Dir(left.Home) == filepath.Clean(os.TempDir()) {
		_ = os.RemoveAll(left.Home) // removes a link, and nothing behind it
	}
}
