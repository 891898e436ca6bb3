package devserver

import (
	"context"
	"errors"
)

func (s *Server) startBeside(ctx context.Context) error {
	return errors.New("--dev-url is not ready yet")
}
