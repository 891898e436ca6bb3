package coverage

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown writes the report: what converges, in figures by suite, major and
// check, and what does not, with the reason.
func (r Results) Markdown() string {
	var out strings.Builder
	out.WriteString(intro)
	fmt.Fprintf(&out, "\npg_dump was the second witness on PostgreSQL %s; on the others there was none that could read the server.\n", list(r.Dumped))
	out.WriteString("\n## What converges\n\n| suite | PostgreSQL | cases |")
	for _, c := range Checks {
		fmt.Fprintf(&out, " %s |", c)
	}
	out.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(Checks)) + "\n")
	var good, all int
	for _, line := range r.byLine() {
		cases := map[string]bool{}
		for _, x := range line {
			cases[x.Case] = true
		}
		fmt.Fprintf(&out, "| %s | %d | %d |", line[0].Suite, line[0].Major, len(cases))
		for _, c := range Checks {
			g, n := count(line, c)
			good, all = good+g, all+n
			fmt.Fprintf(&out, " %s |", figure(g, n))
		}
		out.WriteString("\n")
	}
	if all > 0 {
		fmt.Fprintf(&out, "\nTogether: %d of %d checks (%.1f %%).\n", good, all, 100*float64(good)/float64(all))
	}
	r.section(&out, "What does not", "Nothing.", func(x Result) string {
		if x.Check == Loads {
			return ""
		}
		return x.Why
	})
	r.section(&out, "What rows stand in the way of", "Nothing.", func(x Result) string { return x.Rows })
	r.section(&out, "What a server does not take", "Every file was taken by every server.", func(x Result) string {
		if x.Check != Loads {
			return ""
		}
		return x.Why
	})
	return out.String()
}

const intro = `# Coverage

Written by ` + "`scripts/coverage`" + `, which runs real histories and pairs of schemas. For each way it makes the plan, runs it, reads the
result again, and has it judged by plumb's own comparison and, where it can read the server, by ` + "`pg_dump --schema-only`" + `: every
line, owners and privileges included, the order of lines (and so of columns) and of the options in WITH (…) aside.

- **as psql**: the replay of a history gives the same as psql's.
- **itself**: a copy of the state shows no drift, and a plan to stay as it is is empty.
- **there**, **back**: from from.sql to to.sql and the other way round; for a history from where it stood after about a quarter, a
  half and three quarters of its files to its end, and back from there.
- Rows that a history inserts, and that only its own data migrations make fit, are removed where they stop a plan; a list below names
  them.
- **from empty**, **to empty**: from what the prelude provides to the last state, and the other way round.
`

// byLine lists the results of each suite and major.
func (r Results) byLine() [][]Result {
	var out [][]Result
	for _, x := range r.Results {
		n := len(out) - 1
		if n >= 0 && out[n][0].Suite == x.Suite && out[n][0].Major == x.Major {
			out[n] = append(out[n], x)
			continue
		}
		out = append(out, []Result{x})
	}
	return out
}

func count(results []Result, c Check) (good, all int) {
	for _, x := range results {
		if x.Check == c {
			all++
			if x.Why == "" {
				good++
			}
		}
	}
	return good, all
}

func figure(good, all int) string {
	if all == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", good, all)
}

// section lists, by reason, the cases that have one; the majors that give
// the same reason are named together.
func (r Results) section(out *strings.Builder, title, none string, reason func(Result) string) {
	fmt.Fprintf(out, "\n## %s\n\n", title)
	majors := map[string][]int{}
	var texts []string
	for _, x := range r.Results {
		why := reason(x)
		if why == "" {
			continue
		}
		what := fmt.Sprintf("%s/%s, %s", x.Suite, x.Case, x.Check)
		text := what + ": " + oneLine(why)
		if reason := r.Reasons[what]; reason != "" {
			text += "\n  The reason: " + reason
		}
		if majors[text] == nil {
			texts = append(texts, text)
		}
		majors[text] = append(majors[text], x.Major)
	}
	slices.Sort(texts)
	for _, text := range texts {
		fmt.Fprintf(out, "- PostgreSQL %s: %s\n", list(majors[text]), text)
	}
	if len(texts) == 0 {
		out.WriteString(none + "\n")
	}
}

// oneLine makes a reason fit into a list.
func oneLine(s string) string {
	const most = 400
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + " …"
	}
	return s
}

func list(majors []int) string {
	if len(majors) == 0 {
		return "none"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(majors), " ", ", "), "[]")
}
