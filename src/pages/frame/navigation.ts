// What the rail, the phone's sheet and the palette list, with an icon each.
import Activity from '@lucide/svelte/icons/activity';
import Box from '@lucide/svelte/icons/box';
import ChartNoAxesColumn from '@lucide/svelte/icons/chart-no-axes-column';
import Columns2 from '@lucide/svelte/icons/columns-2';
import Compass from '@lucide/svelte/icons/compass';
import FileText from '@lucide/svelte/icons/file-text';
import Filter from '@lucide/svelte/icons/funnel';
import Folder from '@lucide/svelte/icons/folder';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import Scale from '@lucide/svelte/icons/scale';
import Settings from '@lucide/svelte/icons/settings';
import type { Component } from 'svelte';
import type { Stage } from '../../state/chain.svelte.ts';
import type { PageId } from '../index.ts';

type Icon = Component<{ 'aria-hidden'?: 'true' }>;

export const CHAIN: readonly { id: Stage; icon: Icon }[] = [
  { id: 'documents', icon: FileText },
  { id: 'ask', icon: MessageCircle },
  { id: 'fine-tune', icon: GraduationCap },
  { id: 'annotate', icon: Columns2 },
  { id: 'preferences', icon: Filter },
  { id: 'reward', icon: Scale },
  { id: 'align', icon: Compass },
  { id: 'evaluate', icon: ChartNoAxesColumn },
];

export const WORKSHOP: readonly { id: PageId; icon: Icon }[] = [
  { id: 'monitor', icon: Activity },
  { id: 'models', icon: Box },
  { id: 'project', icon: Folder },
  { id: 'settings', icon: Settings },
];
