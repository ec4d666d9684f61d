// What watching is measured against: a plain script that asks as many Airflows for health and schedulers, as often and
// for as long, and reads each answer.
const origin = new URL(process.env.HOUSTON_URL).origin;
const [count, interval, duration] = process.argv.slice(2).map(Number);
const pages = ["monitor/health", "jobs?job_type=SchedulerJob&order_by=-id&limit=100"];
const headers = { authorization: process.env.HOUSTON_TOKEN, accept: "application/json" };
const end = performance.now() + duration;

async function watch(_, index) {
  for (let next = performance.now(); next < end; next += interval * (1 + Math.random() / 10)) {
    await new Promise((resolve) => setTimeout(resolve, next - performance.now()));
    const asked = pages.map((page) => fetch(`${origin}/r${index}/airflow/api/v2/${page}`, { headers }));
    for (const answer of await Promise.all(asked)) await answer.json();
  }
}

await Promise.all(Array.from({ length: count }, watch));
