create schema informat;
