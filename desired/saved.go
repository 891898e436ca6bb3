package desired

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/tvl-platform/plumb/internal/devserver"
	"github.com/tvl-platform/plumb/kinds"
	"github.com/tvl-platform/plumb/schema"
)

// A Saved is what a file keeps of a live database, so that the file can be
// compared in its place: the snapshot, and what a comparison asks the database
// besides. It holds no password, and no rows but those of
// seeds and of the migrations' log.
type Saved struct {
	Taken  Taken            `json:"taken"`
	Locale devserver.Locale `json:"locale"`
	Kinds  []string         `json:"kinds"` // that were read
	Log    *LogRecord       `json:"log,omitempty"`
	LogGap string           `json:"log_gap,omitempty"` // why the log could not be read
	State  *schema.Snapshot `json:"-"`
	Text   *json.RawMessage `json:"snapshot"`
}

// Taken says where and when a snapshot was taken, and by whom.
type Taken struct {
	Database string   `json:"database"`
	Host     string   `json:"host"`
	Role     string   `json:"role"`
	Standby  bool     `json:"standby,omitempty"`
	Profiles []string `json:"profiles,omitempty"` // of the platform that it is on
	At       string   `json:"at,omitempty"`
}

func (t Taken) String() string {
	text := fmt.Sprintf("database %q on %s, read by %q", t.Database, t.Host, t.Role)
	if t.Standby {
		text += " on a standby"
	}
	if t.At != "" {
		text += " at " + t.At
	}
	return printable(text)
}

// SavedExt is how the name of a snapshot's file usually ends.
const SavedExt = ".plumb"

// A file of a Saved is one line, which says what it is, and Saved as JSON,
// compressed by zstd. The line holds the checksum of all that follows.
const (
	savedMagic   = "plumb-snapshot "
	savedVersion = 1
	savedLine    = savedMagic + "%d sha256:%x\n"
)

// Encode writes the file: the same Saved, the same bytes.
func (s *Saved) Encode() ([]byte, error) {
	text, err := schema.Encode(s.State)
	if err != nil {
		return nil, err
	}
	file := *s
	file.Text = (*json.RawMessage)(&text)
	data, err := json.Marshal(file)
	if err != nil {
		return nil, err
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	if err != nil {
		return nil, err
	}
	data = enc.EncodeAll(data, nil)
	return append(fmt.Appendf(nil, savedLine, savedVersion, sha256.Sum256(data)), data...), nil
}

// maxSaved bounds what a file may unfold to.
const maxSaved = 4 << 30

// DecodeSaved reads what Encode wrote, or a snapshot as schema.Encode writes
// it, which says nothing of where it comes from.
func DecodeSaved(data []byte) (*Saved, error) {
	if !bytes.HasPrefix(data, []byte(savedMagic)) {
		snap, err := schema.Decode(data)
		return &Saved{State: snap}, err
	}
	line, packed, _ := bytes.Cut(data, []byte("\n"))
	var version int
	var sum []byte
	if _, err := fmt.Sscanf(string(line), savedMagic+"%d sha256:%x", &version, &sum); err != nil || version < 1 {
		return nil, errors.New("its first line is damaged; take the snapshot again")
	}
	if version > savedVersion {
		return nil, fmt.Errorf("it was written by a later plumb (format %d, known is %d); update plumb", version, savedVersion)
	}
	if want := sha256.Sum256(packed); !bytes.Equal(sum, want[:]) {
		return nil, errors.New("it is not as plumb wrote it: its checksum is another one; it was cut off, damaged or changed, take the snapshot again")
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxSaved))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	text, err := dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("it cannot be unpacked: %w", err)
	}
	s := &Saved{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("it is no snapshot of plumb's: %w", err)
	}
	if s.Text == nil {
		return nil, errors.New("it is no snapshot of plumb's: it holds no state")
	}
	s.State, err = schema.Decode(*s.Text)
	s.Text = nil
	return s, err
}

// ReadSaved reads the file of a snapshot.
func ReadSaved(path string) (*Saved, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	s, err := DecodeSaved(data)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return s, nil
}

// isSaved reports whether a file says of itself that it is a snapshot.
func isSaved(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, len(savedMagic))
	n, _ := f.Read(start)
	return string(start[:n]) == savedMagic
}

// only is the snapshot as far as certain kinds are compared. What plumb does
// not know, or what the snapshot says nothing of, is an error.
func (s *Saved) only(wanted schema.Kinds) (*schema.Snapshot, error) {
	for _, k := range wanted {
		if len(s.Kinds) > 0 && !slices.Contains(s.Kinds, k.Name) {
			return nil, fmt.Errorf("it says nothing of objects of kind %s: it was taken without --cluster, or by another plumb; take it again", k.Name)
		}
	}
	out := *s.State
	out.Objects = make(map[schema.ID]*schema.Object, len(s.State.Objects))
	for id, o := range s.State.Objects {
		if wanted.Find(id.Kind) == nil && kinds.Cluster.Find(id.Kind) != nil {
			continue
		}
		if err := known(o, wanted.Find(id.Kind)); err != nil {
			return nil, err
		}
		kept := *o
		kept.Needs, kept.With = s.among(o.Needs, wanted), s.among(o.With, wanted)
		out.Objects[id] = &kept
	}
	return &out, nil
}

// known refuses an object that this plumb could not compare in full.
func known(o *schema.Object, k *schema.Kind) error {
	if k == nil {
		return fmt.Errorf("it holds %s, and this plumb knows no objects of that kind; update plumb", o.ID)
	}
	for _, name := range o.Attrs.Names {
		if _, ok := k.Attr(name); !ok && !(k.Hangs && name == "on") {
			return fmt.Errorf("it says %q of %s, which this plumb does not know; update plumb", name, o.ID)
		}
	}
	return nil
}

// among lists those of certain kinds.
func (s *Saved) among(ids []schema.ID, wanted schema.Kinds) []schema.ID {
	return slices.DeleteFunc(slices.Clone(ids), func(id schema.ID) bool { return wanted.Find(id.Kind) == nil })
}
