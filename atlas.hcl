// The project file: where the schema lives, and in which order its phases come.
// Any Atlas user reads it at sight; phases, numbering, seed, dev_init and
// download_postgres are plumb's own.

phases    = ["mvp.0", "mvp.1", "mvp.2", "v1", "v2", "v3"]
numbering = "sequence" // one sequence of numbers across all phases

// The rows of these tables are the migrations' too: one that is changed or
// missing in a database is drift. Rows that the application adds are its own.
seed "public.roles" {}
seed "public.permissions" {}
seed "public.role_permissions" {}
seed "public.channels" {}
seed "public.payment_providers" {}

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
