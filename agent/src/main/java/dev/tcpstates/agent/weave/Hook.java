// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.weave;

import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * One method, and what is called in it.
 *
 * @param type the class
 * @param name the method, for people
 * @param method finds it
 * @param advice the code to weave in, see {@link SocketAdvice}
 */
record Hook(String type, String name, ElementMatcher<MethodDescription> method, Class<?> advice) {}
