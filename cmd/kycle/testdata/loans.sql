CREATE TABLE loans (id uuid PRIMARY KEY, status text NOT NULL CHECK (status IN ('asked', 'lent', 'back')));
