/** The dashboards reach the one canonical text through here: they import contracts, not verbs. */
export { canonical, directPlan, type Plain } from '@console/verbs/canonical'
