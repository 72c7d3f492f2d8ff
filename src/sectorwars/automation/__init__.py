"""Judge rules. Pure: what a rule sees comes in, a judgement with its trace goes out."""
