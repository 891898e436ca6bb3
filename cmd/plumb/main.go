// Command plumb compares PostgreSQL schemas with numbered migration folders.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes: the verdict of a command, for scripts.
const (
	exitOK      = 0
	exitError   = 1 // the verdict is not known
	exitDiffers = 2 // a difference was found
	exitRefused = 3 // something needs a person's consent
)

// A verdict ends a command with an exit code other than those of success and
// error. Its text is empty where all has been said.
type verdict struct {
	code int
	text string
}

func (v verdict) Error() string { return v.text }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs one command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	// A closed pipe is an error, not the end: there may be something to clean up.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // the second Ctrl-C is not waited for
		<-ctx.Done()
		stop()
	}()
	p := newProject(stdout, stderr)
	for _, a := range args {
		p.redactor.Learn(a)
	}
	root := newRoot(p)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	p.progress.stop()
	return p.exit(ctx, err)
}

// exit reports an error and returns the exit code.
func (p *project) exit(ctx context.Context, err error) int {
	var v verdict
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &v):
		if v.text != "" {
			p.say("%s", v.text)
		}
		return v.code
	case ctx.Err() != nil:
		p.say("stopped before the end; nothing was left behind")
		return exitError
	}
	fmt.Fprintln(p.stderr, p.redactor.Text("plumb: "+strings.TrimSuffix(err.Error(), "\n")))
	return exitError
}

func newRoot(p *project) *cobra.Command {
	root := &cobra.Command{
		Use:   "plumb",
		Short: "Compare PostgreSQL schemas with numbered migration folders",
		Long: `plumb replays numbered migration folders into a throw-away PostgreSQL, compares
what they make with a live database, reports drift, and writes the next migration.

A STATE is a folder of migrations (migrations, migrations?to=mvp.1), a .sql file or
a folder of them, a snapshot, postgres://…, env://NAME from atlas.hcl, or empty.

Exit codes: 0 in sync or done, 1 an error, 2 a difference, 3 refused without consent.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		Example: `  plumb init
  plumb generate add_guest_reviews --to "$DATABASE_URL"
  plumb drift --env staging
  source <(plumb completion bash)`,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if completing(cmd) {
				return nil
			}
			return p.load()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	p.flags(root.PersistentFlags())
	root.AddCommand(
		newInit(p),
		newNew(p),
		newGenerate(p),
		newApply(p),
		newStatus(p),
		newValidate(p),
		newDrift(p),
		newAudit(p),
		newBlame(p),
		newExplain(p),
		newBaseline(p),
		newShow(p),
		newDeltas(p),
		newRebase(p),
		newDiff(p),
		newInspect(p),
		newVerify(p),
		newHash(p),
		newSnapshot(p),
		newSelftest(p),
		newDemo(p),
		newMan(p),
	)
	root.SetGlobalNormalizationFunc(otherNames)
	p.complete(root)
	return root
}
