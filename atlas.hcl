// The project file: where the schema lives, and in which order its phases come.
// Any Atlas user reads it at sight; phases, numbering, dev_init and
// download_postgres are plumb's own.

phases    = ["mvp.0", "mvp.1", "mvp.2", "v1", "v2", "v3"]
numbering = "sequence" // one sequence of numbers across all phases

env "local" {
  url = getenv("DATABASE_URL")

  migration {
    dir = "file://migrations"
  }
}

env "staging" {
  url = getenv("STAGING_URL")

  migration {
    dir = "file://migrations"
  }
}

env "production" {
  url = getenv("PRODUCTION_URL")

  migration {
    dir = "file://migrations"
  }
}
