// Package apply runs the pending files of a history on a live database, and
// keeps the database's log of them.
//
// Two laws hold whatever happens, a killed process included: a file that runs
// in a transaction has been applied and is in the log, or neither; and of a
// file that does not, the log says how many statements are done, so that the
// next run goes on behind them.
//
// Atlas's executor is not used: it takes its lock on another connection than
// the one that runs the statements, cannot go on with a file that stopped
// halfway, and knows no COPY.
package apply
