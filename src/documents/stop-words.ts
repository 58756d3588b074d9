/** Words that say nothing about what a text or a question is about. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/));

/** English function words. Never indexed. */
export const STOP_WORDS: ReadonlySet<string> =
	set(`a about above after again against all also although always am an and
any anybody anyone anything are aren't around as at away be because been before being below between both but by can
cannot can't could couldn't did didn't do does doesn't doing don't done down during each either else ever every few
for from further get gets got had hadn't has hasn't have haven't having he hence her here hers herself him himself his
how however i if in indeed into is isn't it its it's itself just let's may me might mine more most much must my myself
neither no nor not now of off on once one only onto or other others otherwise ought our ours ourselves out over own per
perhaps please quite rather really same several shall she should shouldn't since so some somebody someone something such than
that that's the their theirs them themselves then there thereby therefore these they they're this those though through
thus to together too toward towards under until up upon us very was wasn't we were weren't what what's whatever when
where whereas whether which while who who's whom whose why will with within without won't would wouldn't yet you your
yours yourself`);

/**
 * Words a question uses to ask rather than to say what about: they are dropped from questions, but indexed, since a
 * document may well be about "use" or "work".
 */
export const ASKING_WORDS: ReadonlySet<string> =
	set(`according actually answer anything best call called certain
come comes describe described describes detail details difference different discuss document documents elaborate exactly
example examples exist exists explain explained explains file files find found get getting give given gives go goes
happen happened happening happens help info information involve involved kind kinds know list lot main make makes making
many mean meaning means mention mentioned name need needed needs ok order outline overview part parts people possible
question reason reasons report said say says show shows situation someone sort state summarise summarize summary take
takes talk tell text thing things try two type types understand use used uses using want way ways work worked working
works write written`);
