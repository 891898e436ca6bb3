package devserver

import "strconv"

// superuser owns a private cluster. It has the name that dumps and migrations expect in OWNER TO.
const superuser = "postgres"

// initdbFlags make a cluster. A change of them is a change of the slots' key: see slot.go.
var initdbFlags = []string{
	"--no-sync", "--no-instructions", "--username=" + superuser,
	"--encoding=UTF8", "--locale=C", // the one locale that every machine has; databases may have others
	"--wal-segsize=1", // 28 MB on disk instead of 40
}

// settings are what a private cluster runs with. Nothing in it is worth a wait for the disk, nothing
// runs in the background, and everything that a schema may hold can be created.
func settings(major int) []string {
	all := []string{
		"fsync=off", "synchronous_commit=off", "full_page_writes=off",
		"autovacuum=off", "jit=off", "bgwriter_lru_maxpages=0", "checkpoint_timeout=1h",
		"max_worker_processes=0", "max_parallel_workers=0", "max_logical_replication_workers=0",
		"shared_buffers=16MB", "huge_pages=off", "dynamic_shared_memory_type=mmap", // nothing left in /dev/shm
		"max_connections=100", "max_locks_per_transaction=1024", // thousands of tables in one transaction
		"wal_level=logical", "max_wal_senders=0", "max_replication_slots=10", // publications without a warning
		"timezone=UTC", "log_timezone=UTC", "lc_messages=C", "standard_conforming_strings=on",
		"logging_collector=off", "log_destination=stderr", "log_min_messages=fatal", "log_checkpoints=off",
	}
	if major >= 18 {
		all = append(all, "io_method=sync") // no three workers to start
	}
	return all
}

// port names the socket's file; on Windows, where it is a TCP port, another one is chosen.
const port = 5432

// arguments are the server's command line for a data folder and the place where it listens.
func arguments(b Binaries, data string, at listener) []string {
	args := []string{"-D", data, "-p", strconv.Itoa(at.port)}
	for _, s := range append(settings(b.Major), at.settings...) {
		args = append(args, "-c", s)
	}
	return args
}
