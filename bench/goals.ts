/** What a benchmark is to reach: noted as it is measured, told at its end. */
const goals: string[] = [];

export function addGoal(isReached: boolean, text: string): void {
  goals.push(`  ${isReached ? 'reached    ' : 'not reached'}  ${text}`);
}

export function printGoals(): void {
  if (goals.length > 0) console.log(`\ngoals\n\n${goals.splice(0).join('\n')}`);
}
