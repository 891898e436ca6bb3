package devserver

import (
	"context"
	"os"
	"path/filepath"
)

// BecomeStandby starts the private cluster again as a hot standby, of no
// primary at all. Its slot is not used again.
func (s *Server) BecomeStandby(ctx context.Context) error {
	c := s.cluster
	c.spares.work.Wait()
	if _, err := s.admin.Exec(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	s.admin.Close(ctx)
	s.admin = nil
	if err := c.halt(); err != nil {
		return err
	}
	if err := os.Remove(c.slot.boot()); err != nil {
		return err
	}
	signal := filepath.Join(c.slot.data(), "standby.signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		return err
	}
	if err := giveAway(signal); err != nil {
		return err
	}
	b, err := s.cfg.binaries(ctx)
	if err != nil {
		return err
	}
	if c.at, err = listen(c.slot); err != nil {
		return err
	}
	if c.process, err = startServer(b, c.slot, c.at); err != nil {
		return err
	}
	s.url = c.at.url
	if s.base, err = c.at.config(); err != nil {
		return err
	}
	s.admin, err = c.connect(ctx, s.base)
	s.made = map[string]*Database{} // nothing can be dropped on a standby
	return err
}
