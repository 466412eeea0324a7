#!/usr/bin/env node
// The command `valley`: prepares what is missing, then runs the built command line in this same process, so that
// signals, the terminal and the exit status are its own.
import { pathToFileURL } from 'node:url'
import { BUILT_CLI } from './build.mjs'
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'

await prepareOrExit()
await import(pathToFileURL(projectPath(BUILT_CLI)).href)
