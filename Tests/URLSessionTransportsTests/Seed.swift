// Seed of the test target; its first real file replaces this one.
