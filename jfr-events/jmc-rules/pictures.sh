#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Draws the pictures in pictures/ anew, from a recording that it makes of a small program
# (src/test/java/.../workload/Shop.java) under the agent. As root, like all that uses the agent.
set -eu

cd "$(dirname "$(readlink -f "$0")")"
(
  cd ../..
  mvn -B -q verify -pl jfr-events/jmc-rules,agent -am \
    -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false \
    -Dit.test=PicturesIT -Dfailsafe.failIfNoSpecifiedTests=false
)
mkdir -p pictures
cp target/pictures/*.svg pictures/
ls pictures/*.svg
