// Command cmd measures plumb on real schemas; see scripts/coverage.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tvl-platform/plumb/internal/coverage"
	"github.com/tvl-platform/plumb/internal/devserver"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	majors, only, keep, results, reasons, out string
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.majors, "majors", "", "majors of PostgreSQL, such as 14,15; else all that are installed")
	flag.StringVar(&o.only, "only", "", "a regular expression of suite/case")
	flag.StringVar(&o.keep, "keep", "", "a folder for the plans that did not lead there")
	flag.StringVar(&o.results, "results", "", "a file of results to add to")
	flag.StringVar(&o.reasons, "reasons", "", "a file that explains what is not well, a line each: suite/case, check: reason")
	flag.StringVar(&o.out, "out", "", "the report to write, such as docs/coverage.md; else it is printed")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "Measures plumb on real schemas: scripts/coverage [flags] FOLDER...")
		flag.PrintDefaults()
	}
	flag.Parse()
	results, err := coverage.ReadResults(o.results)
	if err != nil {
		return err
	}
	if results.Reasons, err = coverage.ReadReasons(o.reasons); err != nil {
		return err
	}
	if err := measure(ctx, o, &results); err != nil {
		return err
	}
	if o.out == "" {
		fmt.Print(results.Markdown())
		return nil
	}
	return os.WriteFile(o.out, []byte(results.Markdown()), 0o644)
}

// measure runs all folders on all majors. Results are kept after every major.
func measure(ctx context.Context, o options, results *coverage.Results) error {
	var suites []coverage.Suite
	for _, folder := range flag.Args() {
		found, err := coverage.Find(folder)
		if err != nil {
			return fmt.Errorf("cannot look for histories and pairs in %s: %w", folder, err)
		}
		if len(found) == 0 {
			return fmt.Errorf("cannot measure %s: there is no folder with history/, and none with from.sql and to.sql in it", folder)
		}
		suites = append(suites, found...)
	}
	majors, err := majors(o.majors)
	if err != nil || len(suites) == 0 {
		return err
	}
	only, err := regexp.Compile(o.only)
	if err != nil {
		return fmt.Errorf("cannot read --only: %w", err)
	}
	for _, major := range majors {
		begin := time.Now()
		r := coverage.Run{Major: major, Only: only, Keep: o.keep, Say: say}
		more, err := r.Do(ctx, suites)
		if err != nil {
			return err
		}
		results.Merge(more)
		fmt.Fprintf(os.Stderr, "PostgreSQL %d: %d checks in %s\n", major, len(more.Results), time.Since(begin).Round(time.Second))
		if o.results == "" {
			continue
		}
		if err := results.Write(o.results); err != nil {
			return err
		}
	}
	return nil
}

// majors reads a list of majors; "" is all that are installed.
func majors(text string) ([]int, error) {
	var out []int
	if text == "" {
		for _, b := range devserver.Installed() {
			out = append(out, b.Major)
		}
		return out, nil
	}
	for _, word := range strings.Split(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("cannot read --majors: %q is no number", word)
		}
		out = append(out, n)
	}
	return out, nil
}

// say tells what is not well.
func say(r coverage.Result) {
	if r.Why != "" {
		fmt.Fprintf(os.Stderr, "%d %s/%s, %s: %s\n", r.Major, r.Suite, r.Case, r.Check, r.Why)
	}
}
