-- What a major does by default where nobody says is its own: on 18 this would be parallel.
ALTER SUBSCRIPTION sub SET (streaming = off);
